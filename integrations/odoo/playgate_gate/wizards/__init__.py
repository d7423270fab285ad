from . import waiver_ask
