"""The options with which ``inspect`` and ``prepare`` are told how to read files."""

from __future__ import annotations

import argparse
from typing import Any, get_args

from core.data.example import Role
from core.data.readers import ReadOptions
from core.data.readers.options import ColumnRole
from core.errors import UserFacingError
from core.language import _


def add_reading(parser: Any) -> None:
    """Add ``--column`` and ``--speaker``."""
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=ROLE",
        dest="columns",
        help=_(
            "what a column is: question, context, answer, reasoning, system, conversation, text …"
        ),
    )
    parser.add_argument(
        "--speaker",
        action="append",
        default=[],
        metavar="NAME=ROLE",
        dest="speakers",
        help=_("who a speaker is: user, assistant, system or tool"),
    )


def parse_reading(options: argparse.Namespace) -> ReadOptions:
    """Return how ``inspect`` and ``prepare`` are told to read files.

    Raises:
        UserFacingError: a role that there is not, or no role at all (code ``cli.reading``).
    """
    try:
        return ReadOptions.model_validate(
            {
                "columns": dict(map(_name_and_role, options.columns)),
                "speakers": dict(map(_name_and_role, options.speakers)),
            }
        )
    except ValueError as error:
        raise UserFacingError(
            "cli.reading",
            _("A column or speaker cannot be read."),
            _(
                "Write --column NAME=ROLE with one of these roles: {columns}; or --speaker "
                "NAME=ROLE with one of these: {speakers}.",
                columns=", ".join(get_args(ColumnRole)),
                speakers=", ".join(get_args(Role)),
            ),
            str(error),
        ) from error


def _name_and_role(text: str) -> tuple[str, str]:
    """Split at the last ``=``: a column's name may hold some itself."""
    name, _, role = text.rpartition("=")
    return name, role
