"""The outbox: what happened is told to whom it was said to, and tried again where nobody listens.

A message is made once, under an id that tells what it is about, and is sent under it until it
arrives: who receives it twice knows it by that.
"""

from __future__ import annotations

from collections.abc import Callable

from playgate.enforce.deals_named import zone_of_all
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.ledger.hooks import HookOut, Message
from playgate.ledger.store import Ledger
from playgate.records import replace
from playgate.serve.calls import call
from playgate.serve.digests import DAYS, digest_of, span_of
from playgate.serve.messages import digest, due_message, due_today, happened, message_id
from playgate.serve.metrics import Done
from playgate.serve.settings import World
from playgate.serve.signed import signature

__all__ = ["DELAYS", "Outbox", "sent"]

DELAYS = (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds after which a message is tried again; after the last it is a dead letter."""
_MOST_WAITING = 10_000
"""Messages that wait for one target; beyond that, what happens is told of later."""
_TOGETHER = 50
_CLAIMED = 60 * 1_000_000
"""Microseconds for which nobody else sends a message."""
_LAG = 1_000
"""Entries of the log after which it is kept that they were nothing for a target."""
_MOST_ANSWER = 64_000
_GONE = 410


class Outbox:
    """Tells what happened in a ledger."""

    def __init__(self, ledger: Ledger, world: World, done: Done | None = None) -> None:
        self._ledger = ledger
        self._world = world
        self._done = done or Done()
        self._seen: dict[str, int] = {}
        self._morning = ""

    def work(self, stops: Callable[[], bool] = lambda: False) -> bool:
        """Makes messages of what happened, and sends what is due, until it `stops`; returns whether
        there was any."""
        with self._ledger.reading():
            targets = {hook.id: hook for hook in self._ledger.hooks.targets()}
        if not targets:
            return False
        told = [self._tell(hook) for hook in targets.values()]
        sent_any = self._send(targets, stops)
        if self._morning != (hour := _hour(self._world.now())):
            self._tell_due(targets)
            self._tell_digests(targets)
            self._morning = hour
        return sent_any or any(told)

    def _tell(self, hook: HookOut) -> bool:
        """Makes messages of what was recorded since; returns whether there may be more."""
        since = max(hook.seen, self._seen.get(hook.id, 0))
        with self._ledger.reading():
            if self._ledger.hooks.waiting(hook.id) >= _MOST_WAITING:
                return False
            messages, seen = happened(self._ledger, replace(hook, seen=since))
        self._seen[hook.id] = seen
        if messages or seen - hook.seen > _LAG:
            with self._ledger.writing():
                if self._ledger.hooks.target(hook.id) is not None:
                    self._ledger.hooks.send(messages)
                    self._ledger.hooks.set_seen(hook.id, seen)
        return seen > since

    def _tell_due(self, targets: dict[str, HookOut]) -> None:
        """Makes the messages of a morning, once."""
        wanting = _wanting(targets, "due")
        if not wanting:
            return
        now = self._world.now()
        with self._ledger.reading():
            day, told = due_today(Live(self._ledger, now=now), now)
        if told is not None:
            with self._ledger.writing():
                self._ledger.hooks.send([due_message(hook, day, told) for hook in wanting])

    def _tell_digests(self, targets: dict[str, HookOut]) -> None:
        """Makes the digests of a day and of a week, each once."""
        now = self._world.now()
        for kind in DAYS:
            wanting = _wanting(targets, kind)
            if not wanting:
                continue
            with self._ledger.reading():
                span = span_of(kind, now, zone_of_all(Live(self._ledger, now=now)))
                known = self._ledger.hooks.is_known
                left = [hook for hook in wanting if not known(message_id(hook, span.which))]
            text = digest_of(self._ledger, span, now=now) if left else ""
            if text:
                told = [digest(hook, text, which=span.which, at=span.until) for hook in left]
                with self._ledger.writing():
                    self._ledger.hooks.send(told)

    def _send(self, targets: dict[str, HookOut], stops: Callable[[], bool]) -> bool:
        with self._ledger.reading():
            due = self._ledger.hooks.due_out(now=self._world.now(), most=_TOGETHER)
        failing: set[str] = set()
        for message in due:
            if stops():
                break
            hook = targets.get(message.hook)
            if hook is not None and hook.id not in failing and not self._sent(hook, message):
                failing.add(hook.id)
        return bool(due)

    def _sent(self, hook: HookOut, message: Message) -> bool:
        """Sends a message, unless somebody else does; returns whether its target listens."""
        hooks = self._ledger.hooks
        now = self._world.now()
        with self._ledger.writing():
            if not hooks.claim(message, until=now + _CLAIMED):
                return True
        said, is_gone = sent(hook, message, now=now)
        with self._ledger.writing():
            if not said:
                hooks.sent(message, at=self._world.now())
                self._done.well += 1
                return True
            self._done.failed += 1
            is_last = is_gone or message.tries >= len(DELAYS)
            wait = 0 if is_last else DELAYS[message.tries] * 1_000_000
            next_at = None if is_last else self._world.now() + wait
            hooks.failed_out(message, said, next_at=next_at)
            if next_at is not None:
                hooks.delay(hook.id, until=next_at)
        return False


def _wanting(targets: dict[str, HookOut], happening: str) -> list[HookOut]:
    return [hook for hook in targets.values() if happening in hook.happenings.split()]


def _hour(now: int) -> str:
    return str(now // (3600 * 1_000_000))


def sent(hook: HookOut, message: Message, *, now: int) -> tuple[str, bool]:
    """Sends a message once; returns what went wrong, or nothing, and whether it is of no use to
    send it again."""
    body = message.body.encode()
    at = str(now // 1_000_000)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "playgate",
        "webhook-id": message.id,
        "webhook-timestamp": at,
        "webhook-signature": signature(hook.secret, message.id, at, body),
    }
    try:
        answer = call(
            hook.url, body=body, headers=headers, networks=hook.networks.split(), most=_MOST_ANSWER
        )
    except InputError as error:
        return f"{error.message} [{error.code}]", False
    if 200 <= answer.status < 300:
        return "", False
    return f"it answered with status {answer.status}", answer.status == _GONE
