"""Options that the commands on files have in common."""

from __future__ import annotations

import click

__all__ = ["FILE", "map_option", "output_option", "strict_option"]

# Whether it is there and can be read is said where it is read, in the same words for every file.
FILE = click.Path(readable=False)
"""A file's name, for the shell to complete."""

map_option = click.option(
    "--map", "-m", "mapping", metavar="MAPPING", type=FILE,
    help="A mapping file, or the name of a shipped one.",
)  # fmt: skip
output_option = click.option(
    "-o", "--output", metavar="FILE", type=FILE, help="Write there instead of the terminal."
)
strict_option = click.option(
    "--strict", is_flag=True, help="Stop where there are problems with the data (exit status 2)."
)
