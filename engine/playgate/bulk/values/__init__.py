"""Expressions that every backend runs: numbers, instants, durations, typed values."""
