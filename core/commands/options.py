"""Options that several commands have, and printing as they ask for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.commands.terminal import write_document, write_lines
from core.errors import UserFacingError
from core.language import _


def add_command(commands: Any, name: str, function: Any, text: str) -> Any:
    """Add a command that ``function`` does, with the option that all commands have."""
    parser = commands.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
    parser.add_argument("--json", action="store_true", help=_("print JSON on standard output"))
    parser.set_defaults(command=function)
    return parser


def add_project(parser: Any) -> None:
    """Add ``--project``."""
    parser.add_argument("--project", type=folder, required=True, metavar="DIR")


def folder(text: str) -> Path:
    """A folder as the jobs know it too, which do not work in the folder of the command."""
    return Path(text).absolute()


def add_cards(parser: Any) -> None:
    """Add ``--cards``."""
    text = _("how many equal cards train together; default: as in the window, or all of them")
    parser.add_argument("--cards", type=int, default=None, metavar="N", help=text)


def parse_values(pairs: list[str]) -> dict[str, str]:
    """Return ``--set`` arguments as a mapping.

    Raises:
        UserFacingError: an argument without ``=``.
    """
    for pair in pairs:
        if "=" not in pair:
            raise UserFacingError(
                "cli.set",
                _("“{text}” has no value.", text=pair),
                _("Write NAME=VALUE, as in --set rank=8."),
            )
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def show(options: argparse.Namespace, lines: list[str]) -> None:
    """Print lines to read, unless a document was asked for."""
    if not options.json:
        write_lines(lines)


def show_document(options: argparse.Namespace, value: Any) -> None:
    """Print the one JSON document, if it was asked for."""
    if options.json:
        write_document(value)
