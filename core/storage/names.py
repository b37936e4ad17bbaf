"""Names: the one check of those that come from outside, and those that can be given.

The name of a run, of a queue entry or of a dataset version becomes a part of a path. It must stay
one part on every system that a project may be
carried to, and lead nowhere else.
"""

from __future__ import annotations

import re
from pathlib import Path
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


_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def folder_name(text: str) -> str:
    """Return ``text`` without what a folder's name cannot hold on some system."""
    return _ILLEGAL.sub("", text).strip(" .")


def free_path(path: Path) -> Path:
    """Return ``path``, or the first of ``path-2``, ``path-3``, … that does not exist.

    A name with spaces becomes ``my path (2)``.
    """
    form = "{} ({})" if " " in path.name else "{}-{}"
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(form.format(path.name, number))
    return candidate


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
