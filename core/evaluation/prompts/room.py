"""How long an answer may be."""

from __future__ import annotations

from core.chat.tokens import TokenTable

_ROOM = {"cuda": (256, 512), "cpu": (64, 256)}  # tokens of an answer, at least and at most


def answer_budget(device: str, table: TokenTable | None = None) -> int:
    """Return how many tokens an answer may have, the same for base model and fine-tune.

    It is generous, since the length that the data teach fits only the fine-tune: the base model
    does not know it, would often be cut, and would be recognised by that in the blind rating. A
    processor writes slowly, so there is less room on it; what is still cut, :mod:`cuts` hides.

    Args:
        table: examples whose answers must fit twice, if that is within reason.
    """
    return room_for(max(table.trained, default=0) if table is not None else 0, device)


def room_for(longest: int, device: str) -> int:
    """Return the same where the longest expected answer has this many tokens."""
    least, most = _ROOM[device.partition(":")[0]]
    return min(most, max(least, 2 * longest))
