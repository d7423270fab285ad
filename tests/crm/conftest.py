"""What tests of shipped mappings share."""

from __future__ import annotations

from support.in_process import run

__all__ = ["run"]
