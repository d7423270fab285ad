"""Keys and signatures (Ed25519, RFC 8032): the one door to `cryptography`, which is an extra.

A private key is a file in the form PKCS #8, a public key one of the form SubjectPublicKeyInfo, both
as PEM, which other programs read, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playgate.errors import InputError
from playgate.ledger.files import read_file, write_new

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["Signer", "is_signed", "new_key", "read_public_key", "read_signer"]

_LARGEST_KEY = 10_000


class Signer:
    """Signs by a private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw().hex()
        """The public key in hexadecimal digits."""

    def sign(self, text: bytes) -> str:
        """Returns the signature of a text in hexadecimal digits."""
        return self._key.sign(text).hex()


def new_key(path: Path, seed: bytes) -> Path:
    """Makes a private key of 32 random bytes at `path`, which its owner alone can read, and the
    public key beside it; returns where that is. What is there already stays."""
    _need()
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(seed)
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    beside = path.with_name(f"{path.name}.pub")
    write_new(path, private, mode=0o600)
    try:
        write_new(beside, public, mode=0o644)
    except InputError:
        path.unlink()
        raise
    return beside


def read_signer(path: Path) -> Signer:
    """Reads a private key; raises `InputError` where the file holds none."""
    content = read_file(path, most=_LARGEST_KEY)
    _need()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path, "private key")
    return Signer(key)


def read_public_key(path: Path) -> str:
    """Reads a public key and returns it in hexadecimal digits; raises `InputError` where the file
    holds none."""
    content = read_file(path, most=_LARGEST_KEY)
    _need()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(content)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(path, "public key")
    return key.public_bytes_raw().hex()


def is_signed(text: bytes, *, key: str, signature: str) -> bool:
    """Whether a text was signed by the private key that belongs to a public one."""
    _need()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), text
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _need() -> None:
    try:
        import cryptography  # noqa: F401  (it is only asked whether it is there)
    except ImportError:
        raise InputError(
            "keys and signatures need cryptography",
            hint="pip install 'playgate[sign]'",
            code="not-installed",
        ) from None


def _no_key(path: Path, what: str) -> InputError:
    hint = "playgate ledger key new FILE makes a pair: FILE signs, FILE.pub verifies"
    return InputError(f"{path} holds no {what} of Ed25519", hint=hint, code="wrong-key")
