"""Modules of Triton kernels: loaded only where they can be compiled and launched."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import psutil

from core.errors import is_out_of_memory
from core.hardware.cards.loss import is_card_error

_TRIES = 2


def has_triton() -> bool:
    """Tell whether Triton is installed; whether it can compile is known once it has."""
    return importlib.util.find_spec("triton") is not None


def launchable(module: str, launch: Callable[[ModuleType], None]) -> tuple[ModuleType | None, str]:
    """Return the module if its kernels work here, and why not where Triton is installed.

    Args:
        module: its full name.
        launch: compiles and runs something small with it.
    """
    if not has_triton():
        return None, ""
    try:
        kernels = importlib.import_module(module)
        launch(kernels)
    except Exception as error:  # a compiler, a header, a library or a driver is not as it should be
        if is_out_of_memory(error) or is_card_error(error):
            raise
        return None, f"{type(error).__name__}: {error}"
    return kernels, ""


def launchable_safely(
    module: str, launch: Callable[[ModuleType], None], note: Path
) -> tuple[ModuleType | None, str]:
    """Like :func:`launchable`, but not again after two tries that broke the card's context.

    A kernel that the compiler got wrong may do so, and the run would end the same way each time.

    Args:
        note: beside it, a file lies for each try that has not ended well. Its name tells card and
            compiler, so that another one is tried anew.
    """
    if len(list(_ended_badly(note))) >= _TRIES:
        return None, "earlier tries ended with the process"  # not shown
    mark = note.with_name(f"{note.name}.{os.getpid()}")
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    found = launchable(module, launch)
    with suppress(OSError):
        mark.unlink()
    return found


def _ended_badly(note: Path) -> Iterator[Path]:
    for mark in note.parent.glob(f"{note.name}.*"):
        process = mark.suffix[1:]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            yield mark
