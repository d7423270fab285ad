"""Hooks as they come: held against the secret of their source, and kept as they are."""

from __future__ import annotations

from playgate.serve.exchange import Exchange
from playgate.serve.house import House
from playgate.serve.inbox import about_in, bodies_in
from playgate.serve.signed import Came, delivery_of

__all__ = ["arrival"]


async def arrival(house: House, exchange: Exchange) -> None:
    """Answers that a hook was kept; it is taken in later, and may be sent again."""
    body = await exchange.body()
    named = exchange.scope["path_params"]
    source = await house.post_room.source(named["source"])
    came = Came(
        header=exchange.header,
        path_secret=named.get("secret", ""),
        url=_url(house.settings.public_url, exchange),
        body=body,
    )
    delivery = delivery_of(source, came, now=house.world.now())
    assert source is not None  # noqa: S101  (of none, nothing is signed)
    house.buckets.take(f"hook {source.name}")
    about = about_in(source.about, bodies_in(body))
    is_new = await house.post_room.keep(source.name, delivery, about, body)
    told = b'{"version": 1, "kind": "received", "new": %s}\n' % (b"true" if is_new else b"false")
    await exchange.answer(202, told)


def _url(public_url: str, exchange: Exchange) -> str:
    """Returns the address to which a hook was sent, as the outside calls it; nothing where it is
    not known."""
    if not public_url:
        return ""
    path = exchange.scope.get("raw_path") or exchange.scope["path"].encode()
    query = exchange.scope["query_string"]
    told: str = (path + (b"?" + query if query else b"")).decode("latin-1")
    return public_url.rstrip("/") + told
