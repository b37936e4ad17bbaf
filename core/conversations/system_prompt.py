"""What the training examples told the model before each question."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from core.data.dataset import DatasetVersion
from core.errors import UserFacingError

_LOOKED_AT = 300
_LONGEST = 20_000


def common_system_prompt(version: Path) -> str:
    """Return the system prompt that the first training examples share, ``""`` if they share none.

    A version that cannot be read has none.
    """
    try:
        examples = list(islice(DatasetVersion.load(version).examples("train"), _LOOKED_AT))
    except UserFacingError:
        return ""
    found = set()
    for example in examples:
        first = example.messages[0] if example.messages else None
        found.add(first.content if first is not None and first.role == "system" else "")
    only = found.pop() if len(found) == 1 else ""
    return only if len(only) <= _LONGEST else ""
