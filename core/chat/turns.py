"""Conversations in the form that a base model's chat template can show.

Some templates know no system text, no later system text or no tool turns: they refuse them or leave
them out. Such a turn is then put into the question beside it, in training and in every prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from core.chat.template import Chat, Template, TemplateRejectsError
from core.data.example import Message, Role

SYSTEM_IN_QUESTION = "system_in_question"
TOOL_IN_QUESTION = "tool_in_question"
EMPTY_QUESTION = "empty_question"

OPENED = re.compile(r"(?:<(think|thinking|seed:think)>|\[(THINK)\])\s*\Z")
"""The end of a prompt that has opened the reasoning already."""

_THOUGHT_INSIDE = re.compile(r"\A\s*<think>\s*(.*?)\s*</think>\s*", re.DOTALL)
_GAP = "\n\n"
_TEMPLATES_KEPT = 8


@dataclass(frozen=True, slots=True)
class Traits:
    """What a chat template shows of a conversation.

    Attributes:
        parts: it wants the texts of turns as lists of typed parts.
        system: it shows a system text before the first question.
        later_system: it shows a system text between later turns.
        tool: it shows what a tool returned.
        reasoning: it shows the reasoning before the last answer, or opens it in its prompts.
        answer_first: it shows an answer that follows no question.
        opening: what stands before such an answer.
        tail: what stands after the last answer.
        gap: what stands between an answer and the next question.
    """

    parts: bool
    system: bool
    later_system: bool
    tool: bool
    reasoning: bool
    answer_first: bool
    opening: str
    tail: str
    gap: str


def mark(name: str) -> str:
    """Return a word that stands for a text, so that its place in a rendering can be found."""
    return f"qzx{name}xzq"


_QUESTION = Message("user", mark("question"))
_ANSWER = Message("assistant", mark("answer"), reasoning=mark("thought"))
_NEXT = Message("user", mark("next"))
_NO_QUESTION = Message("user", "")


@lru_cache(maxsize=_TEMPLATES_KEPT)
def traits_of(template: Template) -> Traits:
    """Try a template on small conversations."""
    answer = replace(_ANSWER, reasoning="")
    talk = [_QUESTION, answer]
    parts = not _shows_all(template, talk, parts=False) and _shows_all(template, talk, parts=True)

    def tried(*messages: Message, prompt: bool = False) -> str | None:
        return _tried(template, messages, parts=parts, prompt=prompt)

    def shows(role: Role, before: Sequence[Message], after: Sequence[Message]) -> bool:
        turn = Message(role, mark("probe"))
        return turn.content in (tried(*before, turn, *after) or "")

    alone = tried(answer)
    opened = alone if alone is not None else tried(_NO_QUESTION, answer) or ""
    _, _, after = (tried(*talk, _NEXT, answer) or "").partition(answer.content)
    opens = OPENED.search(tried(_QUESTION, prompt=True) or "") is not None
    return Traits(
        parts=parts,
        system=shows("system", [], talk),
        later_system=shows("system", talk, [_NEXT, answer]),
        tool=shows("tool", talk, [answer]),
        reasoning=opens or _ANSWER.reasoning in (tried(_QUESTION, _ANSWER) or ""),
        answer_first=alone is not None,
        opening=opened.partition(answer.content)[0].rstrip(" "),
        tail=(tried(*talk) or "").partition(answer.content)[2],
        gap=after.partition(_NEXT.content)[0],
    )


def _tried(
    template: Template, messages: Sequence[Message], *, parts: bool, prompt: bool = False
) -> str | None:
    try:
        return template.render(chat(messages, parts=parts), add_generation_prompt=prompt)
    except TemplateRejectsError:
        return None


def _shows_all(template: Template, messages: Sequence[Message], *, parts: bool) -> bool:
    text = _tried(template, messages, parts=parts)
    return text is not None and all(message.content in text for message in messages)


def chat(messages: Iterable[Message], *, parts: bool = False) -> Chat:
    """Return messages as chat templates want them; reasoning under all the names it goes by."""
    return [_turn(message, parts) for message in messages]


def _turn(message: Message, parts: bool) -> dict[str, Any]:
    text = message.content
    turn: dict[str, Any] = {
        "role": message.role,
        "content": [{"type": "text", "text": text}] if parts else text,
    }
    if message.reasoning:
        turn |= dict.fromkeys(("reasoning_content", "reasoning", "thinking"), message.reasoning)
    return turn


def fitted(messages: Sequence[Message], traits: Traits) -> tuple[list[Message], frozenset[str]]:
    """Return the turns that the template can show, with notes about what had to move."""
    turns: list[Message] = []
    notes: set[str] = set()
    starts = not messages or messages[0].role == "assistant"
    if starts and not traits.answer_first:
        turns.append(_NO_QUESTION)
        notes.add(EMPTY_QUESTION)
    joins = False  # whether the last turn takes in what follows
    for message in messages:
        if turns and message.role == turns[-1].role == "system":
            turns[-1] = _joined(turns[-1], message)
            continue
        note = _moved(message, at_the_start=not turns, traits=traits)
        if turns and turns[-1].role == "user" and (note or (joins and message.role == "user")):
            turns[-1] = _joined(turns[-1], message)
        elif note:
            turns.append(replace(message, role="user"))
        else:
            turns.append(apart(message) if traits.reasoning else message)
        if note:
            notes.add(note)
        joins = bool(note)
    return turns, frozenset(notes)


def _joined(first: Message, second: Message) -> Message:
    return replace(first, content=_GAP.join(filter(None, (first.content, second.content))))


def apart(message: Message) -> Message:
    """Return an answer with the reasoning taken out of its own text, or the same if it has none."""
    if message.role != "assistant" or message.reasoning or "</think>" not in message.content:
        return message
    inside = _THOUGHT_INSIDE.match(message.content)
    if inside is None or not inside.group(1):
        return message
    return replace(message, content=message.content[inside.end() :], reasoning=inside.group(1))


def _moved(message: Message, *, at_the_start: bool, traits: Traits) -> str:
    """Return the note about a turn that the template does not show, ``""`` if it does."""
    if message.role == "system":
        shown = traits.system if at_the_start else traits.later_system
        return "" if shown else SYSTEM_IN_QUESTION
    if message.role == "tool" and not traits.tool:
        return TOOL_IN_QUESTION
    return ""
