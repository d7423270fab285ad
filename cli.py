"""Run playgate from a checkout: ``python cli.py audit …``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "engine"))

from playgate.cli.main import start

if __name__ == "__main__":
    start()
