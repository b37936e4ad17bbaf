"""The one check of names that come from outside: of runs, of queue entries, of dataset versions.

Such a name becomes a part of a path. It must stay one part on every system that a project may be
carried to, and lead nowhere else.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_LONGEST = 100
_LONGEST_PATH = 4096
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# Windows takes these for devices, whatever stands behind a dot.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)


def is_name(text: object) -> bool:
    """Return whether ``text`` can be the name of a run or of a dataset version."""
    return (
        isinstance(text, str)
        and len(text) <= _LONGEST
        and _NAME.fullmatch(text) is not None
        and not text.endswith(".")
        and text.partition(".")[0].lower() not in _DEVICES
    )


def _required(text: str) -> str:
    if not is_name(text):
        raise ValueError("this is no name of a run or dataset version")
    return text


def _printable(path: str) -> str:
    if any(ord(sign) < 32 for sign in path):
        raise ValueError("no folder has such a name")
    return path


def _or_nothing(text: str) -> str:
    return text if is_name(text) else ""


Name = Annotated[str, AfterValidator(_required)]
"""A field that refuses whatever is no such name."""

FolderText = Annotated[
    str, Field(min_length=1, max_length=_LONGEST_PATH), AfterValidator(_printable)
]
"""The path of a folder as a project names it; it is looked at before it is used."""

NameOrNothing = Annotated[str, AfterValidator(_or_nothing)]
"""A field that forgets whatever is no such name."""
