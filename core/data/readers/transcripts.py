"""Conversations written as one text, with marks that say who speaks.

Known are the marks of chat templates (ChatML, Llama 2 and 3, Zephyr, Gemma), ``### Human:`` and
the like, and lines that begin with ``Human:`` and ``Assistant:``.
"""

from __future__ import annotations

import re

_WHO = (
    "system|user|human|prompter|instruction|input|question|assistant|gpt|bot|ai|response|answer"
    "|output|tool|model"
)
_LINES = "system|user|human|instruction|question|q|assistant|gpt|bot|ai|response|answer|a"
_MARKS = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        rf"<\|im_start\|>[ ]*(?P<who>{_WHO})[ ]*\n?",
        rf"<\|start_header_id\|>[ ]*(?P<who>{_WHO}|ipython)[ ]*<\|end_header_id\|>\s*",
        rf"<start_of_turn>[ ]*(?P<who>{_WHO})[ ]*\n?",
        r"(?P<who>\[/?INST\]|<</?SYS>>)",
        rf"<\|(?P<who>{_WHO})\|>[ ]*\n?",
        rf"###[ ]*(?P<who>{_WHO})[ ]*:(?!:)[ ]*\n?",
        rf"^(?P<who>{_LINES})[ ]*:(?!:)[ ]*",
        r"(?:^|(?<=[ >\n]))(?P<who>USER|ASSISTANT)[ ]*:(?!:)[ ]*",
    )
)
_ENDS = re.compile(
    r"<\|(?:im_end|eot_id|endoftext|end_of_text|begin_of_text|end)\|>|<end_of_turn>|</s>|<s>|<bos>"
    r"|<eos>"
)
_SPEAKERS = {
    "[inst]": "user", "[/inst]": "assistant", "<<sys>>": "system", "<</sys>>": "user",
    "human": "user", "prompter": "user", "instruction": "user", "question": "user", "q": "user",
    "gpt": "assistant", "bot": "assistant", "ai": "assistant", "response": "assistant",
    "answer": "assistant", "a": "assistant", "output": "assistant", "model": "assistant",
    "ipython": "tool", "input": "user",
}  # fmt: skip
_INLINE_SIGNS = "###"
_PREAMBLE_LIMIT = 400


def transcript(text: str) -> list[tuple[str, str]] | None:
    """Return ``(role, text)`` of each turn; ``None`` where no marks say who speaks.

    Text before the first mark is a system text; it may be long only where the marks are
    unmistakable.
    """
    if ":" not in text and "<" not in text and "]" not in text:
        return None
    for mark in _MARKS:
        turns = _split(text, mark)
        if {"user", "assistant"} <= {role for role, _ in turns}:
            return turns
    return None


def _split(text: str, mark: re.Pattern[str]) -> list[tuple[str, str]]:
    found = list(mark.finditer(text))
    if len(found) < 2:
        return []
    before = _tidy(text[: found[0].start()])
    signs = found[0].group()
    if before and not signs.startswith(("<", "[", _INLINE_SIGNS)):
        return []  # a colon somewhere in a story
    if len(before) > _PREAMBLE_LIMIT:
        return []
    turns = [("system", before)] if before else []
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        name = match["who"].lower()
        said = _tidy(text[match.end() : end])
        _add(turns, _SPEAKERS.get(name, name), said)
    return turns


def _tidy(text: str) -> str:
    return _ENDS.sub("", text).strip()


def _add(turns: list[tuple[str, str]], role: str, said: str) -> None:
    """Add a turn; neighbours of one speaker (instruction and input) become one."""
    if not said and role != "assistant":
        return
    if turns and turns[-1][0] == role:
        turns[-1] = (role, f"{turns[-1][1]}\n\n{said}".strip())
    else:
        turns.append((role, said))
