"""bitsandbytes, imported in a second less: call this before peft or a quantised model does it.

It wraps some of its operations in ``torch.compile``, which loads PyTorch's whole compiler. They are
those for devices without kernels of their own, and no job here reaches them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def import_bitsandbytes() -> None:
    """Import it without the compiler; ``torch.compile`` is what it was afterwards."""
    if "bitsandbytes" in sys.modules:
        return
    import torch

    compiler = torch.compile
    torch.compile = _as_it_is  # type: ignore[assignment]
    try:
        import bitsandbytes  # noqa: F401 - only for what importing it does
    finally:
        torch.compile = compiler


def _as_it_is(function: Callable[..., Any] | None = None, **_options: Any) -> Any:
    """Take the place of ``torch.compile``, also as a decorator with options."""
    return function if function is not None else lambda decorated: decorated
