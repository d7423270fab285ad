from . import names, move, record, gate, card, waiver, settings
