"""Modules of Triton kernels: loaded only where they can be compiled and launched."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from types import ModuleType

from core.errors import is_out_of_memory
from core.hardware.cards.loss import is_card_error


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
