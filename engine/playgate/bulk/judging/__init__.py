"""The judge's rules as expressions: from events to verdicts. Nothing is fetched."""
