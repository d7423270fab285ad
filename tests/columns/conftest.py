"""What these tests share: playgate run in this process."""

from __future__ import annotations

from support.in_process import run

__all__ = ["run"]
