"""How this application was installed, and so what repairs it."""

from __future__ import annotations

import os
import sys
from enum import Enum
from pathlib import Path

from core.language import _

_DEBIAN = "/usr/lib/homelab-tuner/"


class Kind(Enum):
    """Ways in which this application comes to a computer."""

    SOURCES = "sources"
    DEBIAN = "debian"
    WINDOWS = "windows"
    APPIMAGE = "appimage"
    FROZEN = "frozen"
    PIP = "pip"


def kind_of_installation(place: Path | None = None) -> Kind:
    """Return how this copy was installed, told by where it lies."""
    here = place or Path(__file__).resolve()
    root = here.parents[2]
    if getattr(sys, "frozen", False):
        return Kind.FROZEN
    if here.as_posix().startswith(_DEBIAN):
        return Kind.DEBIAN
    unpacked = os.environ.get("APPDIR", "")  # set by its start program
    if unpacked and here.is_relative_to(Path(unpacked).resolve()):
        return Kind.APPIMAGE
    if (root / "homelab-tuner.installed").is_file():  # the Windows installer's mark
        return Kind.WINDOWS
    return Kind.SOURCES if (root / "Makefile").is_file() else Kind.PIP


def how_to_repair(kind: Kind | None = None) -> str:
    """Return the one line that repairs this installation."""
    match kind or kind_of_installation():
        case Kind.SOURCES:
            return _("Run make again.")
        case Kind.DEBIAN:
            return _("Reinstall with: sudo apt install --reinstall homelab-tuner")
        case Kind.WINDOWS:
            return _("Run the installer again.")
        case Kind.PIP:
            return _("Reinstall with: pip install --force-reinstall homelab-tuner")
        case _:
            return _("Download and install the application again.")
