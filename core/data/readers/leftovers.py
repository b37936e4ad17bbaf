"""What a row holds beside what is learned from it: columns without a role, pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from core.data.example import Message
from core.data.readers.ledger import Ledger
from core.data.readers.shapes import CELLS, Guess
from core.language import N_, _

_MEDIA_COLUMNS = (
    "images",
    "image",
    "videos",
    "video",
    "audios",
    "audio",
    "image_path",
    "pixel_values",
)
_PLACEHOLDER = re.compile(
    r"<\|?/?(?:image|video|audio|img|image_pad|vision_start|image_start|AUDIO)(?:_?\d{1,3})?\|?>"
    r"|\[IMG\]|<｜image｜>",
    re.I,
)
_NEEDS_MORE = N_("the row needs a picture, video or sound, but only text can be learned")


def needs_picture(value: Any, turns: Sequence[Message]) -> str:
    """Return why a row cannot be learned from its text alone, ``""`` if it can."""
    if not isinstance(value, dict) or not any(value.get(name) for name in _MEDIA_COLUMNS):
        return ""
    marked = any("<" in m.content or "[" in m.content for m in turns) and any(
        _PLACEHOLDER.search(m.content) for m in turns
    )
    return _(_NEEDS_MORE) if marked else ""


class Leftovers:
    """Notes what rows of one shape hold that is not used."""

    def __init__(self, guess: Guess, ledger: Ledger) -> None:
        self._ledger = ledger
        self._whole = {name for name in guess.columns if "." not in name} | set(CELLS)
        self._inner = {name for name in guess.columns if "." in name}
        self._outer = {name.partition(".")[0] for name in self._inner}
        roles = guess.columns.items()
        self._conversations = [name for name, role in roles if role == "conversation"]
        self._is_bare = not guess.columns  # a row is a conversation or a text itself
        if guess.shape == "text":
            ledger.note_text(name for name, role in roles if role == "text")

    def note(self, row: Any) -> None:
        """Note what of ``row`` no role was found for."""
        if not isinstance(row, dict) or self._is_bare:
            return
        if not self._whole.issuperset(row):
            for name in row:
                if name in self._whole:
                    continue
                if name not in self._outer:
                    self._ledger.leave(name, row[name])
                else:
                    self._note_inner(name, row[name])
        for name in self._conversations:
            self._ledger.leave_of_turns(name, row.get(name))

    def _note_inner(self, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            return
        for name in value:
            inner = f"{path}.{name}"
            if inner in self._inner:
                continue
            if any(known.startswith(f"{inner}.") for known in self._inner):
                self._note_inner(inner, value[name])
            else:
                self._ledger.leave(inner, value[name])
