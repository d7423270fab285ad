"""Who looks at the page: by the session that a token began, or by the word of a trusted proxy."""

from __future__ import annotations

from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.language import say
from playgate.records import Record
from playgate.serve.exchange import Exchange
from playgate.serve.house import House
from playgate.serve.people.sessions import Sessions, cookie, cookies
from playgate.serve.scopes import PAGE
from playgate.serve.tokens import Asker

__all__ = ["Door", "Visitor"]

_SESSION, _FORM = "playgate_session", "playgate_form"
_PROXIED = "proxied"
"""What stands in place of a token's id; no token has such a one."""
_LONGEST = 200
_HERE = ("localhost", "127.0.0.1", "[::1]")


class Visitor(Record, kw_only=True):
    """Somebody who looks at the page."""

    asker: Asker | None
    """`None` before they signed in."""
    secret: str
    """The cookie that is theirs."""
    whose: str
    """For whom the forms are that they are given."""
    form_token: str
    signs_out: bool = False
    """Whether they can sign out: not where a proxy says who they are."""
    sets: tuple[tuple[bytes, bytes], ...] = ()
    """What an answer sets."""

    @property
    def actor(self) -> str:
        """Who they are; empty where a token names nobody."""
        return self.asker.actor if self.asker else ""


class Door:
    """Lets people in and out."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sessions = Sessions(
            now=house.world.now,
            random=house.world.random,
            seconds=house.limits.session_seconds,
            most=house.limits.sessions,
        )

    def visitor(self, exchange: Exchange) -> Visitor:
        """Returns who looks; raises `InputError` where they ask too often."""
        brought = cookies(exchange.header(b"cookie"))
        secret = brought.get(_name(_SESSION, exchange), "")
        session = self._sessions.find(secret)
        actor = self._by_proxy(exchange)
        if actor:
            named = Asker(_PROXIED, actor, frozenset({PAGE}))
            return self._without_session(exchange, brought, named)
        asker = self._house.signed_in(session.token) if session else None
        if session is None or asker is None:
            return self._without_session(exchange, brought, None)
        self._count(exchange, asker)
        return self._known(asker, secret, f"session {asker.id}", signs_out=True)

    def sign_in(self, exchange: Exchange, token: str) -> tuple[bytes, bytes]:
        """Returns what is set for who brings a token; raises `InputError` where it is none."""
        self._house.buckets.take(f"sign-in {_address(exchange)}")
        asker = self._house.asker(exchange, f"Bearer {token.strip()}")
        asker.refuse_beyond(PAGE)
        return self._set(exchange, _SESSION, self._sessions.begin(asker))

    def sign_out(self, exchange: Exchange, visitor: Visitor) -> tuple[bytes, bytes]:
        """Ends the session of somebody, and returns what is set then."""
        self._sessions.end(visitor.secret)
        return self._set(exchange, _SESSION, "")

    def check_form(self, exchange: Exchange, visitor: Visitor, said: str) -> None:
        """Raises `InputError` for a form that this page did not give to who sends it."""
        site = exchange.header(b"sec-fetch-site")
        is_ours = self._sessions.is_ours(said, visitor.secret, visitor.whose)
        if site not in ("", "same-origin") or not is_ours:
            raise InputError(
                say("this form is not, or no longer, yours"),
                hint=say("go back, load the page again, and send it once more"),
                code="may-not",
            )

    def _by_proxy(self, exchange: Exchange) -> str:
        """Returns whom the trusted proxy names; empty where it is not the proxy that asks."""
        behind = self._house.settings.behind
        if behind is None or not behind.is_at(_address(exchange)):
            return ""
        name = behind.header.encode()
        said = [value for key, value in exchange.scope["headers"] if key == name]
        if not said:
            return ""
        try:
            actor = composed(said[0].decode("utf-8").strip())
        except UnicodeDecodeError:
            actor = ""
        if len(said) > 1 or not actor or len(actor) > _LONGEST:
            message = f"the proxy does not say who asks: {behind.header} is empty or said twice"
            raise InputError(message, code="no-token")
        return actor

    def _without_session(
        self, exchange: Exchange, brought: dict[str, str], asker: Asker | None
    ) -> Visitor:
        secret = brought.get(_name(_FORM, exchange), "")[:_LONGEST]
        sets: tuple[tuple[bytes, bytes], ...] = ()
        if not secret:
            secret = self._sessions.secret()
            sets = (self._set(exchange, _FORM, secret),)
        if asker is None:
            return self._known(None, secret, "sign-in", sets=sets)
        self._count(exchange, asker)
        return self._known(asker, secret, f"proxy {asker.actor}", sets=sets)

    def _known(
        self,
        asker: Asker | None,
        secret: str,
        whose: str,
        *,
        signs_out: bool = False,
        sets: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Visitor:
        return Visitor(
            asker=asker,
            secret=secret,
            whose=whose,
            form_token=self._sessions.form_token(secret, whose),
            signs_out=signs_out,
            sets=sets,
        )

    def _count(self, exchange: Exchange, asker: Asker) -> None:
        exchange.asker = asker
        whose = f"@{asker.actor}" if asker.id == _PROXIED else asker.id
        self._house.buckets.take(whose)

    def _set(self, exchange: Exchange, name: str, value: str) -> tuple[bytes, bytes]:
        seconds = self._house.limits.session_seconds
        told = cookie(_name(name, exchange), value, seconds=seconds, secure=_is_secure(exchange))
        return b"set-cookie", told


def _name(name: str, exchange: Exchange) -> str:
    return f"__Host-{name}" if _is_secure(exchange) else name


def _is_secure(exchange: Exchange) -> bool:
    """Whether the page is reached by TLS: always, but on this machine itself."""
    host = exchange.header(b"host").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return exchange.header(b"x-forwarded-proto") == "https" or name not in _HERE


def _address(exchange: Exchange) -> str:
    client = exchange.scope.get("client")
    return str(client[0]) if client else ""
