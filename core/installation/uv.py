"""uv, which installs the wheels that were fetched; it comes with the application."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.errors import UserFacingError
from core.language import _

VARIABLE = "HOMELAB_TUNER_UV"
_POLL_SECONDS = 0.2
_SAID = 4000  # characters
_HASH_MARK = "hash mismatch"  # not shown: matched in what uv says
_FULL_MARKS = ("no space left", "os error 28", "os error 112")  # not shown: the same


def find_uv() -> str:
    """Return the executable.

    Raises:
        UserFacingError: it is missing (code ``engine.no_uv``).
    """
    named = os.environ.get(VARIABLE, "")
    found = named or _beside() or shutil.which("uv")
    if found and Path(found).is_file():
        return found
    raise UserFacingError(
        "engine.no_uv",
        _("The program “uv”, which installs PyTorch, is missing."),
        _("Reinstall the application, or install it with: pip install uv"),
    )


def _beside() -> str | None:
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        return None


def install(
    requirements: Path, wheels: Path, site: Path, cache: Path, check: Callable[[], None]
) -> None:
    """Install locked wheels from a folder into ``site``; nothing else, and never from a network.

    Args:
        check: called often; may raise to end it.

    Raises:
        UserFacingError: codes ``engine.wrong_hash``, ``disk.full`` and ``engine.not_installed``.
    """
    command = [
        find_uv(), "pip", "install", "--offline", "--no-config", "--no-progress",
        "--no-index", "--find-links", str(wheels), "--no-deps", "--only-binary", ":all:",
        "--require-hashes", "--python", sys.executable, "--target", str(site),
        "--cache-dir", str(cache), "--link-mode", "hardlink", "--no-compile-bytecode",
        "-r", str(requirements),
    ]  # fmt: skip
    log = site.parent / "uv.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            env={k: v for k, v in os.environ.items() if not k.startswith("UV_")},
        )
        try:
            while process.poll() is None:
                check()
                time.sleep(_POLL_SECONDS)
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode != 0:
        raise _explained(log.read_text(encoding="utf-8", errors="replace")[-_SAID:], site)


def _explained(said: str, site: Path) -> UserFacingError:
    words = said.casefold()
    if any(mark in words for mark in _FULL_MARKS):
        return UserFacingError(
            "disk.full",
            _("The disk that holds “{folder}” is full.", folder=str(site)),
            _("Free some space and try again. Everything saved before is kept."),
            said,
        )
    if _HASH_MARK in words:
        return UserFacingError(
            "engine.wrong_hash",
            _("A file of PyTorch is not the expected one, so it is not used."),
            _("Try again. If it happens again, choose another source."),
            said,
        )
    return UserFacingError(
        "engine.not_installed",
        _("PyTorch was downloaded, but could not be installed."),
        _("Try again. If it happens again, report it with the details below."),
        said,
    )
