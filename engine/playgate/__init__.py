"""playgate: sales playbooks as code, enforced live and audited in hindsight.

What is public stands in `playgate/api.py`, and is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from playgate.version import __version__ as __version__

if TYPE_CHECKING:
    from playgate.api import *  # noqa: F403


def __getattr__(name: str) -> Any:
    if not name.startswith("__"):
        api = import_module("playgate.api")
        if name in api.__all__:
            return getattr(api, name)
    raise AttributeError(f"module 'playgate' has no attribute {name!r}")


def __dir__() -> list[str]:
    api = import_module("playgate.api")
    return sorted((*api.__all__, "__version__"))
