"""`playgate completion`: what a shell needs to complete commands, options and names."""

from __future__ import annotations

import os
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from playgate.cli.door import put

__all__ = ["command"]

_VARIABLE = "_PLAYGATE_COMPLETE"

_BASH = """\
%(complete_func)s() {
    local line type value
    COMPREPLY=()
    while IFS= read -r line; do
        type=${line%%%%,*} value=${line#*,}
        case $type in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            plain)
                [[ $value == *= ]] && compopt -o nospace 2>/dev/null
                printf -v value %%q "$value"
                COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""


class _Bash(BashComplete):
    """Answers any version of bash, with words that it breaks at = and : put together again."""

    source_template = _BASH

    @staticmethod
    def _check_version() -> None:
        """Accepts every version."""

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ.get("COMP_LINE", "")
        words = split_arg_string(line)
        begun = words.pop() if words and not line[-1:].isspace() else ""
        # What stands before the last of these signs is no part of the word that bash replaces.
        self._before = begun[: max(begun.rfind(sign) for sign in "=:") + 1]
        return words[1:], begun

    def format_completion(self, item: CompletionItem[Any]) -> str:
        option, equals, _ = self._before.partition("=")
        # Of --option=value click completes the value alone.
        before = "" if equals and option.startswith("--") else self._before
        return f"{item.type},{str(item.value).removeprefix(before)}"


add_completion_class(_Bash)


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what SHELL (bash, zsh or fish) needs to complete playgate's words.

    Commands, options and files are completed, and names: of what ships, of the ledger's deals and
    people, of stages, activities, fields and rules of a deal's playbook.

    \b
    eval "$(playgate completion bash)"                      # in ~/.bashrc
    eval "$(playgate completion zsh)"                       # in ~/.zshrc, behind compinit
    playgate completion fish > ~/.config/fish/completions/playgate.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  (click knows these three)
    put([kind(context.find_root().command, {}, "playgate", _VARIABLE).source(), "\n"])
