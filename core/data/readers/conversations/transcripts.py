"""Conversations written as one text, with marks that say who speaks.

Known are the marks of chat templates, ``### Human:`` and the like, and lines that begin with
``Human:`` and ``Assistant:``.
"""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import islice

from core.data.readers.conversations.roles import known_role
from core.data.readers.conversations.template_marks import (
    CLOSING,
    ENDS,
    MARKS,
    SPEAKERS,
    THOUGHTS,
    Mark,
)

_MOST_MARKS = 20_000
_SIGNS = (":", "<", "]")
_THINKING_CHANNEL = "analysis"
_BOTH = frozenset({"user", "assistant"})
Said = tuple[str, str]
"""Role (or the speaker's name) and text."""


def transcript(text: str) -> list[Said] | None:
    """Return ``(role, text)`` of each turn; ``None`` where no marks say who speaks.

    Text before the first mark is a system text; it may be long only where the marks are
    unmistakable.
    """
    return _marked(text, _BOTH)


def open_prompt(text: str) -> list[Said] | None:
    """Return the turns of a rendered prompt, without the answer that it leaves open.

    ``None`` where the text carries no marks, or ends with an answer.
    """
    turns = _marked(text, {"user"})
    if not turns or known_role(turns[-1][0]) != "assistant":
        return turns
    return turns[:-1] if turns[-1][1] in ("", "<think>") else None


def bare_answer(text: str) -> str:
    """Return an answer without the marks that open and end it in a rendered text."""
    turns = _marked(text, {"assistant"})
    if turns and len(turns) == 1:
        text = turns[0][1]
    return CLOSING.sub("", text)


def _marked(text: str, needed: Set[str]) -> list[Said] | None:
    if not any(sign in text for sign in _SIGNS):
        return None
    for mark in MARKS:
        wanted = needed if mark.is_token else _BOTH
        turns = _split(text, mark, len(wanted))
        if wanted <= {known_role(name) for name, _ in turns}:
            return turns
    return None


def _split(text: str, mark: Mark, fewest: int) -> list[Said]:
    found = list(islice(mark.pattern.finditer(text), _MOST_MARKS + 1))
    if not fewest <= len(found) <= _MOST_MARKS:
        return []  # none, or a table that only looks like a conversation
    before = _tidy(text[: found[0].start()])
    if 0 <= mark.longest_before < len(before):
        return []  # a colon somewhere in a story
    turns = _Turns()
    turns.add("system", before)
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        turns.add(_speaker(match), _tidy(text[match.end() : end]))
    return turns.joined()


def _speaker(match: re.Match[str]) -> str:
    groups = match.groupdict()
    channel = groups.get("channel") or groups.get("more") or ""
    name = (groups["who"] or "assistant").strip()
    if channel.startswith(_THINKING_CHANNEL):
        return _THINKING_CHANNEL
    if "to=assistant" in f"{name}{channel}" or name.startswith("functions."):
        return "tool"  # Harmony: who speaks to whom
    name = name.partition(" to=")[0]
    return SPEAKERS.get(name.lower(), name.lower() if known_role(name) else name)


def _tidy(text: str) -> str:
    for pattern, form in THOUGHTS:
        text = pattern.sub(form, text) if "THINK" in text or "seed:think" in text else text
    return ENDS.sub("", text).strip()


class _Turns:
    """Gathers turns; neighbours of one speaker (instruction and input) become one."""

    def __init__(self) -> None:
        self._turns: list[tuple[str, list[str]]] = []
        self._thought = ""

    def add(self, role: str, said: str) -> None:
        """Add what ``role`` said; an empty answer stays, since it may be asked for."""
        if role == _THINKING_CHANNEL:
            self._thought = f"<think>{said}</think>"
            return
        if not role or (not said and role != "assistant"):
            return
        if role == "assistant":
            said, self._thought = f"{self._thought}{said}", ""
        if self._turns and self._turns[-1][0] == role:
            self._turns[-1][1].append(said)
        else:
            self._turns.append((role, [said]))

    def joined(self) -> list[Said]:
        """Return the turns."""
        return [(role, "\n\n".join(filter(None, said)).strip()) for role, said in self._turns]
