"""The audit as relational expressions: the judge's rules over a whole table at once."""
