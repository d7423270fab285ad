"""SHA-2 as Python has it of its own.

`hashlib` gives the same digests, and loads a library of ciphers first: that takes longer than all
else that a command does with them.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 12):
    from _sha2 import sha256, sha512  # type: ignore[import-not-found, unused-ignore]
else:
    from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]
    from _sha512 import sha512  # type: ignore[import-not-found, unused-ignore]

__all__ = ["sha256", "sha512"]
