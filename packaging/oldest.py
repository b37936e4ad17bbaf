"""The oldest systems that the Linux packages suit, as a check of the build.

A program runs where the C library is at least as new as the newest of its functions that is linked
to. What the ELF files ask for is read here, so that the systems that the packages name are true.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

LIBC = "2.35"
SYSTEMS = "Debian 12, Ubuntu 22.04"
_ASKED = re.compile(r"Name: GLIBC_(\d+)\.(\d+)")


def is_elf(path: Path) -> bool:
    """Return whether a file is a program or a library."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def libc_asked(path: Path) -> tuple[int, int]:
    """Return the oldest C library with which a program or library can be loaded."""
    said = subprocess.run(
        ["readelf", "--wide", "--version-info", str(path)],  # noqa: S607
        check=True, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
    ).stdout  # fmt: skip
    return max(((int(a), int(b)) for a, b in _ASKED.findall(said)), default=(0, 0))


def check(folder: Path) -> str:
    """Return the oldest C library that suits ``folder``; refuse one newer than ``LIBC``."""
    asked = {path: libc_asked(path) for path in sorted(folder.rglob("*")) if is_elf(path)}
    most = max(asked.values(), default=(0, 0))
    major, minor = LIBC.split(".")
    newer = [str(p.relative_to(folder)) for p in asked if asked[p] > (int(major), int(minor))]
    found = ".".join(map(str, most))
    if newer:
        raise SystemExit(f"C library {found} is asked for, {LIBC} promised: {', '.join(newer)}")
    return found


def filled_in(template: str) -> str:
    """Put the oldest systems into a script or a description."""
    return template.replace("@LIBC@", LIBC).replace("@SYSTEMS@", SYSTEMS)
