"""Tells a shell, while somebody types, names from the ledger, the playbook and what ships.

Each function takes what click passes on (the context, the parameter, the begun word) and never
fails: where nothing can be read, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from playgate.ledger.store import Ledger
    from playgate.model.playbook import Playbook

__all__ = [
    "activities",
    "actors",
    "crms",
    "deals",
    "events",
    "fields",
    "hooks",
    "mappings",
    "playbooks",
    "requests",
    "rules",
    "stages",
    "tokens",
    "zones",
]

_MOST = 200
"""Beyond this nobody reads a list of names."""

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem[Any]]"]
_Names = Callable[[click.Context, str], Iterable[str]]


def _completer(names: _Names) -> Completer:
    def complete(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem[Any]]:
        from click.shell_completion import CompletionItem

        from playgate.errors import InputError

        try:
            found = [each for each in names(ctx, begun) if each.startswith(begun)]
        except (InputError, OSError):
            found = []
        # A shell reads lines, and a terminal must not be written to by a deal's id.
        return [CompletionItem(each) for each in found[:_MOST] if each.isprintable()]

    return complete


def _open_ledger(ctx: click.Context) -> Ledger:
    from playgate.cli.requests import db_name
    from playgate.cli.settings import defaults
    from playgate.ledger.store import Ledger

    given = ctx.params.get("db")
    if not given and ctx.parent is not None and isinstance(ctx.parent.command, click.Group):
        known = ctx.parent.command.list_commands(ctx.parent)
        given = defaults(ctx.command, [], known).get("db")
    return Ledger.open(db_name(given), reading=True)


def _playbook(ctx: click.Context) -> Playbook | None:
    """Returns the playbook that is named on the line, else the one that judges the deal on the
    line."""
    from playgate.enforce.live import Live

    # Behind an option that still lacks its value, click leaves the arguments unread.
    named = [each for each in ctx.args if each.endswith((".yaml", ".yml"))]
    file = ctx.params.get("playbook") or next(iter(named), None)
    if file:
        from playgate.cli.load import playbook_from

        return playbook_from(file)
    has_deal = any(parameter.name == "deal" for parameter in ctx.command.params)
    deal = ctx.params.get("deal") or next(iter(ctx.args), None)
    if not has_deal or not deal:
        return None
    with _open_ledger(ctx) as ledger:
        live = Live(ledger, now=0)
        return live.pinned(live.row(deal))


def _deals(ctx: click.Context, begun: str) -> Iterable[str]:
    with _open_ledger(ctx) as ledger:
        return ledger.deals.beginning_with(begun, _MOST)


def _actors(ctx: click.Context, _: str) -> Iterable[str]:
    with _open_ledger(ctx) as ledger:
        people = ledger.people.all()
    return sorted(people.actors()) if people else ()


def _stages(ctx: click.Context, _: str) -> Iterable[str]:
    playbook = _playbook(ctx)
    return [stage.id for stage in playbook.stages] if playbook else ()


def _activities(ctx: click.Context, _: str) -> Iterable[str]:
    playbook = _playbook(ctx)
    return playbook.activities if playbook else ()


def _fields(ctx: click.Context, begun: str) -> Iterable[str]:
    """Returns fields with the sign behind them or, for a choice and a boolean, their values."""
    playbook = _playbook(ctx)
    if playbook is None:
        return ()
    name, equals, _ = begun.partition("=")
    if not equals:
        return [f"{each}=" for each in playbook.fields]
    kind = playbook.fields.get(name)
    if kind is None:
        return ()
    return [f"{name}={each}" for each in kind.options or _YES_NO.get(kind.kind, ())]


_YES_NO = {"boolean": ("yes", "no")}


def _events(ctx: click.Context, _: str) -> Iterable[str]:
    deal = ctx.params.get("deal") or next(iter(ctx.args), None)
    if not deal:
        return ()
    with _open_ledger(ctx) as ledger:
        return [event.event_id for event in ledger.events.of(ledger.taken_back.known_as(deal))]


def _requests(ctx: click.Context, _: str) -> Iterable[str]:
    with _open_ledger(ctx) as ledger:
        return [f"w-{row.id}" for row in ledger.waiver_requests.all(open_only=True)]


def _tokens(ctx: click.Context, _: str) -> Iterable[str]:
    with _open_ledger(ctx) as ledger:
        return [row.id for row in ledger.tokens.all() if row.revoked_at is None]


def _hooks(ctx: click.Context, _: str) -> Iterable[str]:
    with _open_ledger(ctx) as ledger:
        sources = [each.name for each in ledger.hooks.sources()]
        return [*sources, *(each.id for each in ledger.hooks.targets())]


def _rules(ctx: click.Context, _: str) -> Iterable[str]:
    from playgate.rules.list import list_rules

    playbook = _playbook(ctx)
    return [rule.info.id for rule in list_rules(playbook)] if playbook else ()


def _mappings(_: click.Context, __: str) -> Iterable[str]:
    from playgate.history.mapping import shipped_mappings

    return sorted(path.name.partition(".")[0] for path in shipped_mappings())


def _playbooks(_: click.Context, __: str) -> Iterable[str]:
    from playgate.documents.shipped import shipped_playbooks

    return shipped_playbooks()


def _crms(_: click.Context, __: str) -> Iterable[str]:
    from playgate.documents.shipped import shipped_crms

    return shipped_crms()


def _zones(_: click.Context, __: str) -> Iterable[str]:
    from zoneinfo import available_timezones

    return sorted(available_timezones())


deals = _completer(_deals)
actors = _completer(_actors)
stages = _completer(_stages)
activities = _completer(_activities)
fields = _completer(_fields)
events = _completer(_events)
requests = _completer(_requests)
tokens = _completer(_tokens)
hooks = _completer(_hooks)
rules = _completer(_rules)
playbooks = _completer(_playbooks)
crms = _completer(_crms)
zones = _completer(_zones)


def mappings(
    ctx: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem[Any]]:
    """Returns mappings that ship, else files."""
    from click.shell_completion import CompletionItem

    shipped = _completer(_mappings)(ctx, parameter, begun)
    return shipped if begun and shipped else [*shipped, CompletionItem(begun, type="file")]
