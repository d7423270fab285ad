"""The page as it is drawn and sent: nothing runs in it, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

from markupsafe import Markup, escape

from playgate.errors import InputError
from playgate.language import message, say, speaking
from playgate.report.html_parts import View
from playgate.report.html_templates import environment, inlined
from playgate.report.words import count
from playgate.serve.exchange import Exchange
from playgate.serve.house import House, Voice
from playgate.serve.people.reading import Everything, everything
from playgate.serve.people.visitor import Door, Visitor
from playgate.serve.problems import headers_of, status_of
from playgate.version import __version__

__all__ = ["Page", "address", "link", "local", "paged"]

_HTML = b"text/html; charset=utf-8"
_FOLDER = Path(__file__).parent / "templates"
_LISTED_FOR = 60.0
"""Seconds for which the list of deals is shown again: what is due depends on the time of day."""
_NEXT = re.compile(r"/[a-z]*(\?[A-Za-z0-9%&=._~+-]*)?")
_REPORT = ("report.css", "report.js")
_PARTS = (
    ("/", message("Deals")),
    ("/today", message("Today")),
    ("/waivers", message("Waivers")),
    ("/playbooks", message("Playbooks")),
    ("/report", message("Report")),
)


class Page:
    """What all screens of the page share."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.door = Door(house)
        self._style = inlined("people.css", folder=_FOLDER)

    @property
    def voice(self) -> Voice:
        """What answers in the language that is spoken now."""
        return self.house.voice(speaking())

    async def everything(self) -> Everything:
        """Returns all deals as they stand now."""
        return await self.voice.counted.get("deals", everything, lasts=_LISTED_FOR)

    async def draw(
        self,
        exchange: Exchange,
        template: str,
        visitor: Visitor | None,
        view: View,
        *,
        status: int = 200,
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        """Sends a screen."""
        shared = {
            "made_by": f"playgate {__version__}",
            "parts": [(path, say(message)) for path, message in _PARTS]
            if visitor and visitor.asker
            else (),
            "here": exchange.scope["path"],
            "visitor": visitor,
            "problem": "",
            "notice": "",
            **self._style,
        }
        text = environment(_FOLDER).get_template(template).render(shared | view)
        policy = _policy(f"'{self._style['style_hash']}'")
        sets = visitor.sets if visitor else ()
        said = (*policy, *sets, *headers)
        await exchange.answer(status, text.encode("utf-8", "replace"), _HTML, said)

    async def send_report(self, exchange: Exchange, text: str) -> None:
        """Sends a report, which brings its own style and script."""
        hashes = inlined(*_REPORT)
        style, script = (f"'{hashes[name]}'" for name in ("style_hash", "script_hash"))
        await exchange.answer(200, text.encode("utf-8", "replace"), _HTML, _policy(style, script))

    async def lead(
        self, exchange: Exchange, to: str, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Sends somebody on to another screen."""
        said = ((b"location", to.encode()), *_policy("'none'"), *headers)
        await exchange.answer(303, b"", _HTML, said)

    async def tell(self, exchange: Exchange, visitor: Visitor | None, error: InputError) -> None:
        """Sends what is wrong."""
        first = error.several[0] if error.several else error
        exchange.code = first.code
        status = status_of(error)
        view = {
            "title": say("What is wrong"),
            "problem": str(first.message),
            "hint": first.hint or "",
        }
        said = [each for each in headers_of(error) if each[0] != b"www-authenticate"]
        await self.draw(exchange, "wrong.html", visitor, view, status=status, headers=said)


def _policy(style: str, script: str = "'none'") -> tuple[tuple[bytes, bytes], ...]:
    said = (
        f"default-src 'none'; style-src {style}; script-src {script}; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return (
        (b"content-security-policy", said.encode()),
        (b"referrer-policy", b"same-origin"),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"vary", b"cookie, accept-language"),
    )


def address(path: str, **said: object) -> str:
    """Returns the address of a screen; what is empty is left out."""
    query = urlencode({name: each for name, each in said.items() if each not in ("", None)})
    return f"{path}?{query}" if query else path


def link(path: str, **said: object) -> Markup:
    """Returns the same to stand in a screen, however long it is."""
    return Markup(escape(address(path, **said)))  # noqa: S704  (escaped)


def local(to: str) -> str:
    """Returns an address of the page itself; the first screen in place of any other."""
    return to if _NEXT.fullmatch(to) else "/"


def paged(found: int, asked: str, each: int, path: str, **said: object) -> View:
    """Returns which part of a list is shown, and the addresses of the parts before and after."""
    last = max(1, -(-found // each))
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1
    number = min(max(number, 1), last)
    return {
        "start": (number - 1) * each,
        "end": number * each,
        "said": say("Page {number} of {all}", number=count(number), all=count(last))
        if last > 1
        else "",
        "before": link(path, **said, page=number - 1) if number > 1 else "",
        "after": link(path, **said, page=number + 1) if number < last else "",
    }
