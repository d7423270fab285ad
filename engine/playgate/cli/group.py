"""The group of commands; each is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from playgate.cli.errors import ReaderGoneError
from playgate.version import __version__

__all__ = ["playgate", "settings_of"]

_COMMANDS = {
    "init": ("playgate.cli.init", "Start a playbook from a shipped one."),
    "new": ("playgate.cli.new", "Start a playbook from a few answers, or from a history."),
    "lint": ("playgate.cli.lint", "Every mistake in a playbook, with its place and a hint."),
    "test": ("playgate.cli.test", "Try a playbook's cases: what is allowed, refused, found."),
    "case": ("playgate.cli.case", "Make a case of a deal, with nobody's name in it."),
    "fmt": ("playgate.cli.fmt", "Lay out a playbook: order of keys, quotes, comments kept."),
    "show": ("playgate.cli.show", "A playbook on one screen, or as a diagram."),
    "diff": ("playgate.cli.diff", "What differs in meaning between two versions of a playbook."),
    "plan": ("playgate.cli.plan", "Before publishing: whom would a newer version hit?"),
    "import": ("playgate.cli.import_", "Normalise a CRM export to the history table."),
    "audit": ("playgate.cli.audit", "Judge a whole history: who skipped which step, and when."),
    "compile": ("playgate.cli.compile", "The audit as SQL, or as models of a dbt project."),
    "publish": ("playgate.cli.publish", "Keep a version of a playbook whole in the ledger."),
    "migrate": ("playgate.cli.migrate", "Carry deals in flight over to a published version."),
    "kpi": ("playgate.cli.kpi", "The numbers of the sale, per rep, team and company."),
    "target": ("playgate.cli.target", "What the revenue goal asks of each rep and week."),
    "forecast": ("playgate.cli.forecast", "What the next days are likely to bring."),
    "experiment": ("playgate.cli.experiment", "One change, with a control group."),
    "practices": ("playgate.cli.practices", "What deals that were won did otherwise."),
    "segments": ("playgate.cli.segments", "Effort against value, by group of customers."),
    "alarms": ("playgate.cli.alarms", "What chance alone does not explain any more."),
    "coach": ("playgate.cli.coach", "Per rep: what to ask, what to train, when to meet."),
    "today": ("playgate.cli.today", "One rep's morning: next steps, calls, the week, a question."),
    "quality": ("playgate.cli.quality", "Facts that look as if they were recorded to pass."),
    "digest": ("playgate.cli.digest", "What changed since the last time, to send around."),
    "pay": ("playgate.cli.pay", "What each rep is paid, line by line."),
    "leads": (
        "playgate.cli.leads",
        "Lists of prospects: complete, whose they are, who calls whom.",
    ),
    "report": ("playgate.cli.report", "All of it to look at, as one HTML file or a PDF."),
    "open": ("playgate.cli.open", "A new deal, in the first stage or another."),
    "log": ("playgate.cli.log", "Something was done."),
    "set": ("playgate.cli.set_", "Something is known."),
    "move": ("playgate.cli.move", "Ask the gate, and move."),
    "check": ("playgate.cli.check", "What move would decide, changing nothing."),
    "ask": ("playgate.cli.ask", "May it move? Where the CRM keeps the record."),
    "allowed": ("playgate.cli.allowed", "Every stage: would a move be let through?"),
    "waive": ("playgate.cli.waive", "An exception for one rule."),
    "waiver": ("playgate.cli.waiver", "Ask for an exception, and answer who asked."),
    "retract": ("playgate.cli.retract", "An event that never happened."),
    "merge": ("playgate.cli.merge", "Two deals that are one."),
    "erase": ("playgate.cli.erase", "What names a deal or somebody goes, the counts stay."),
    "people": ("playgate.cli.people", "Who is who, for the ledger: roles, teams, managers."),
    "deals": ("playgate.cli.deals", "Where the deals of the ledger stand, and what falls due."),
    "next": ("playgate.cli.next", "Where the deal stands, what is missing, the shortest way on."),
    "history": ("playgate.cli.history", "The deal's events and decisions."),
    "reproduce": ("playgate.cli.reproduce", "A decision judged again, from what was known then."),
    "ledger": ("playgate.cli.ledger", "Make a ledger, show it, let it enforce or only shadow."),
    "reconcile": ("playgate.cli.reconcile", "Moves of the CRM against decisions of the gate."),
    "serve": ("playgate.cli.serve", "The gate as a server, over HTTP."),
    "mcp": ("playgate.cli.mcp", "The gate for agents: tools of the Model Context Protocol."),
    "token": ("playgate.cli.token", "Who may ask the server, and for what."),
    "hook": ("playgate.cli.hook", "Hooks of a CRM into the ledger, and of the ledger to others."),
    "inbox": ("playgate.cli.inbox", "What hooks brought, and what could not be taken in."),
    "completion": ("playgate.cli.completion", "Completion in bash, zsh and fish."),
}

_WITHOUT_FILES = frozenset(("hook", "inbox", "mcp", "serve", "token"))
"""Commands for which no file of settings is read: what they open to others is said to them."""


def settings_of(name: str, words: Sequence[str]) -> Mapping[str, Any]:
    """Returns what a file of settings says of a command's options, by parameter."""
    from playgate.cli.settings import defaults

    if name not in _COMMANDS or name in _WITHOUT_FILES:
        return {}
    return defaults(import_module(_COMMANDS[name][0]).command, words, tuple(_COMMANDS))


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from playgate.documents.document import nearest

            hint = nearest(args[0], _COMMANDS) or f"known: {', '.join(_COMMANDS)}"
            raise click.UsageError(f'no command "{args[0]}"; {hint}', ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None and not ctx.resilient_parsing:
            ctx.default_map = {name: settings_of(name, rest)}
        return name, command, rest

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # The library would end with the status of findings.
            raise ReaderGoneError from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.command(
    cls=_Lazy,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "auto_envvar_prefix": "PLAYGATE",
    },
    epilog="Exit status: 0 clean, 1 findings, 2 wrong input or usage, 3 a bug in playgate.",
)
@click.version_option(__version__, prog_name="playgate")
def playgate() -> None:
    """Sales playbooks as code: enforced on every deal, audited over the whole history.

    \b
    playgate init bank-sales
    playgate lint bank-sales/bank-sales.playbook.yaml
    playgate audit bank-sales/bank-sales.playbook.yaml bank-sales/history.csv
    """
