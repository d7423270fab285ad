"""What numbers are made of: a history that is held deal by deal, or as columns."""

from __future__ import annotations

from typing import TypeAlias

from playgate.columns.history import ColumnHistory
from playgate.history.spool import Spool

__all__ = ["History"]

History: TypeAlias = Spool | ColumnHistory
