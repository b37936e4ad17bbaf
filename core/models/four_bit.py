"""bitsandbytes, imported in a second less: import it from here, before peft or a quantised model.

It wraps some of its operations in ``torch.compile``, which loads PyTorch's whole compiler. They are
those for devices without kernels of their own, and no job here reaches them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def _as_it_is(function: Callable[..., Any] | None = None, **_options: Any) -> Any:
    """Take the place of ``torch.compile``, also as a decorator with options."""
    return function if function is not None else lambda decorated: decorated


_compile = torch.compile
torch.compile = _as_it_is  # type: ignore[assignment]
try:
    import bitsandbytes as bnb
finally:
    torch.compile = _compile

__all__ = ["bnb"]
