from . import card, gate, move, names, record, settings, waiver
