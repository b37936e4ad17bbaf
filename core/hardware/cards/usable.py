"""Whether the installed PyTorch can train on a card, found without importing it.

The window plans before anything heavy is loaded; a plan for a card that PyTorch cannot use would be
wrong by a factor of a hundred.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from core.hardware.cards.card import Card
from core.language import _

# Compute capability that builds still have code for: today's, and those with CUDA 12.
_OLDEST, _OLDEST_CUDA_12 = (7, 5), (5, 0)
_CUDA = re.compile(r"^cuda\s*(?::[^=\n]*)?=\s*['\"]([\d.]+)['\"]", re.MULTILINE)


def why_unusable(card: Card) -> str:
    """Return in plain words why PyTorch cannot train on ``card``, ``""`` when it can."""
    version = torch_cuda_version()
    if version == "":
        return _("The installed PyTorch cannot use graphics cards. Training runs on the processor.")
    oldest = _OLDEST_CUDA_12 if (version or "").startswith("12.") else _OLDEST
    if card.compute_capability is not None and card.compute_capability < oldest:
        return _(
            "{card} is too old for today's PyTorch. Training runs on the processor.", card=card.name
        )
    return ""


def torch_cuda_version() -> str | None:
    """Return the CUDA version that PyTorch was built with, ``""`` for a build without.

    ``None`` when it cannot be told (PyTorch is missing, or its version file cannot be read).
    """
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    return _cuda_version_in(Path(spec.origin).parent / "version.py")


@cache
def _cuda_version_in(file: Path) -> str | None:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        return None
    found = _CUDA.search(text)
    if found:
        return found.group(1)
    return "" if re.search(r"^cuda\b.*None", text, re.MULTILINE) else None
