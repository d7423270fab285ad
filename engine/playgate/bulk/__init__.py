"""An audit as relational expressions: the judge's rules run over a whole table at once."""
