"""Findings about the turns themselves: empty, trivial, out of order, echoed, nothing to learn."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from core.data.example import Message, Role
from core.data.findings.whitespace import normalised

_FOLLOWS: dict[Role | None, frozenset[Role]] = {
    None: frozenset({"system", "user"}),
    "system": frozenset({"user"}),
    "user": frozenset({"assistant"}),
    "assistant": frozenset({"user", "tool"}),
    "tool": frozenset({"tool", "assistant"}),
}
_SINGLE_WORDS = (  # not shown: words of the data
    """
n/a na none null nil nan undefined todo tbd tba fixme test testing asdf qwerty foo xxx ok okay idk
done empty unknown <noinput> <nooutput> noinput nooutput placeholder
"""
)
_PLACEHOLDERS = frozenset(_SINGLE_WORDS.split()) | {  # not shown: words of the data
    "no answer", "no response", "no output", "i don't know", "i dont know", "no comment",
    "to be done", "lorem ipsum", "not applicable", "not available", "coming soon",
}  # fmt: skip
_SAYS_SOMETHING = re.compile(r"\w")
_SYMBOLS_ALLOWED = re.compile(r"symbol|operator|emoji|punctuation|character|sign\b|regex|\d", re.I)
_LONGEST_PLACEHOLDER = 40


def is_empty(messages: Sequence[Message]) -> bool:
    """Return whether a question or the last answer has no text."""
    spoken = [m.content for m in messages if m.role in ("user", "assistant")]
    return not spoken or not all(map(str.strip, spoken))


def is_trivial(messages: Sequence[Message]) -> bool:
    """Return whether every answer is a placeholder or only punctuation.

    A chat may end in one after answers that say much.
    """
    places = [at for at, message in enumerate(messages) if message.role == "assistant"]
    asked = (messages[at - 1].content if at else "" for at in places)
    return bool(places) and all(
        _says_nothing(messages[at].content, question)
        for at, question in zip(places, asked, strict=True)
    )


def _says_nothing(answer: str, asked: str) -> bool:
    if len(answer) > _LONGEST_PLACEHOLDER and not answer.lower().startswith("lorem ipsum"):
        return False
    text = normalised(answer).strip(" .!…-_*")
    if text in _PLACEHOLDERS or text.startswith("lorem ipsum"):
        return True
    if _SAYS_SOMETHING.search(answer) or not answer.strip():
        return False
    return answer.isascii() and not _SYMBOLS_ALLOWED.search(asked)


def has_bad_order(messages: Sequence[Message]) -> bool:
    """Return whether the roles do not alternate as chat templates demand.

    A single assistant message (raw text) is in order.
    """
    if len(messages) == 1:
        return messages[0].role != "assistant"
    last: Role | None = None
    for message in messages:
        if message.role not in _FOLLOWS[last]:
            return True
        last = message.role
    return last != "assistant"


def in_order(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return the turns in an order that templates accept.

    System texts are joined at the front, neighbours with the same role become one turn, answers
    before the first question and questions after the last answer are left out.
    """
    systems = [m for m in messages if m.role == "system"]
    turns = [m for m in messages if m.role != "system"]
    roles = [turn.role for turn in turns]
    begin = roles.index("user") if "user" in roles else len(roles)
    end = len(roles) - roles[::-1].index("assistant") if "assistant" in roles else 0
    turns = turns[begin:end]
    groups: list[list[Message]] = []
    for turn in [*systems, *turns]:
        if groups and groups[-1][0].role == turn.role and turn.role != "tool":
            groups[-1].append(turn)
        else:
            groups.append([turn])
    return tuple(map(_joined, groups)) if turns else tuple(messages)


def _joined(group: list[Message]) -> Message:
    """Join what one speaker said; an answer that must not be learned is left out beside others."""
    if group[0].role == "assistant" and any(turn.is_trained for turn in group):
        group = [turn for turn in group if turn.is_trained]
    if len(group) == 1:
        return group[0]
    content, reasoning = (
        "\n\n".join(filter(None, texts))
        for texts in ((t.content for t in group), (t.reasoning for t in group))
    )
    return replace(group[0], content=content, reasoning=reasoning)


def is_echo(messages: Sequence[Message]) -> bool:
    """Return whether the last answer is the question again."""
    if len(messages) < 2 or messages[-1].role != "assistant":
        return False
    answer, question = messages[-1].content, messages[-2].content
    if not answer or abs(len(answer) - len(question)) > max(16, len(answer) // 2):
        return False
    said = normalised(answer)
    return bool(said) and said == normalised(question)


def is_unlearnable(messages: Sequence[Message]) -> bool:
    """Return whether no turn is trained."""
    return not any(message.is_trained for message in messages)


def is_json_answer(answer: str) -> bool:
    """Return whether the whole answer is a JSON object, or a list of objects."""
    text = answer.strip()
    if text[:1] + text[-1:] not in ("{}", "[]"):
        return False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict)


def unwrapped_answer(answer: str) -> str | None:
    """Return the text inside ``{"summary": "text"}``; ``None`` if there is more than one text."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    while isinstance(value, dict | list) and len(value) == 1:
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return value if isinstance(value, str) and value.strip() else None
