"""An audit as Markdown (GitHub's), for a pull request or a mail."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.audit.result import AuditResult
from playgate.language import say
from playgate.report.digest import next_steps, sections
from playgate.report.headline import headline, verdict
from playgate.report.markdown_text import code, escaped, section_lines

__all__ = ["render"]


def render(result: AuditResult) -> Iterator[str]:
    """Yields the audit in pieces of text, one for each part."""
    head = headline(result)
    for what, file in head.playbooks:
        yield f"# {escaped(what)}\n\n{code(file)}\n\n"
    yield "".join(f"{escaped(line)}\n" for line in head.lines) + "\n"
    share, counts = verdict(result)
    yield f"**{escaped(share)}** {escaped(counts)}\n"
    for section in sections(result):
        yield "\n" + "".join(section_lines(section))
    steps = ", ".join(f"{code(option)} ({gives})" for option, gives in next_steps(result))
    yield f"\n{say('Next: {steps}', steps=steps)}\n"
