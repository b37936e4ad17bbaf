"""Conversations inside a row: turns with roles, pairs of texts, trees of replies, marked text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson

from core.data.example import Message, Role
from core.data.readers.conversations.reply_trees import (
    is_reply_tree,
    path_of,
    path_of_answers,
    path_of_history,
)
from core.data.readers.conversations.roles import UNKNOWN_ROLE, Speakers, known_role
from core.data.readers.conversations.tool_parts import (
    SILENT_PARTS,
    has_tool_parts,
    in_turns,
    without_recordings,
)
from core.data.readers.conversations.transcripts import transcript
from core.data.readers.conversations.turn_forms import (
    CALL_KEYS,
    REASONING_KEYS,
    ROLE_KEYS,
    TEXT_KEYS,
    WEIGHT_KEYS,
    are_odd_turns,
    canonical,
    is_turn,
)
from core.data.readers.python_values import python_value
from core.language import N_, Value, _
from core.storage.files import JsonObject

_PART_KEYS = ("text", "value", "content")
_TEXT_PARTS = ("text", "input_text", "output_text", "audio_transcription")
_THOUGHT_PARTS = ("thinking", "reasoning", "thought", "think")
_MEDIA = ("image", "video", "audio", "picture", "sound", "file", "document", "media")
_ASKED = ("human", "user", "question", "prompt", "instruction", "input", "query", "q")
_ANSWERED = ("assistant", "bot", "gpt", "answer", "response", "output", "completion", "a", "ai")
_INNER = ("messages", "contents", "conversations", "turns")
_NOT_ASKED = "<|BEGIN-VISIBLE-CHAT|>"  # where a character speaks first
_NO_TURNS = N_("there is no list of turns")
_THINKS = re.compile(r"\s*<(think|thinking|thought|reasoning)>(.*?)</\1>\s*", re.S | re.I)
_FOLDED = re.compile(  # as Open WebUI keeps reasoning
    r"\s*<details type=\"reasoning\"[^<>]*>\s*(<summary>[^<>]*</summary>)?(.*?)</details>\s*", re.S
)
_QUOTED = re.compile(r"^(?:>|&gt;) ?", re.M)
_CITED = re.compile("[ ]?\ue200[^\ue200\ue201]*\ue201")  # as ChatGPT marks its sources


class UnfitRowError(Exception):
    """The row does not have the shape.

    Attributes:
        source: why, as it is marked for translation.
    """

    def __init__(self, source: str = "", **parameters: Value) -> None:
        super().__init__(source)
        self.source = source
        self._parameters = parameters

    def __str__(self) -> str:
        return self.reason

    @property
    def reason(self) -> str:
        """Why, in the present language."""
        return _(self.source, **self._parameters) if self.source else ""


def plain(value: Any) -> str:
    """Return a cell's value as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return str(value[0]) if len(value) == 1 else "\n".join(value)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, TypeError, ValueError) as error:
        raise UnfitRowError(N_("a value of the row cannot be written as text")) from error


def is_turns(value: Any) -> bool:
    """Return whether ``value`` is a list of turns, each with its speaker's role."""
    return isinstance(value, list) and bool(value) and (_all_turns(value) or are_odd_turns(value))


def ends_with_a_question(turns: list[Any]) -> bool:
    """Return whether the last of some turns is the user's."""
    last = turns[-1] if is_turn(turns[-1]) else canonical(turns[-1])
    return last is not None and known_role(_speaker(last)) == "user"


def _all_turns(items: list[Any]) -> bool:
    return all(map(is_turn, items))


def holds_conversation(value: Any) -> bool:
    """Return whether ``value`` is a conversation in any form that :func:`read_turns` reads."""
    try:
        items = _unpacked(value)
    except UnfitRowError:
        return False
    return is_turns(items) or (bool(items) and (_is_pairs(items) or _is_alternating(items)))


def _is_pairs(items: list[Any]) -> bool:
    return all(_pair(item) is not None for item in items)


def _is_alternating(items: list[Any]) -> bool:
    return len(items) > 1 and all(isinstance(item, str) for item in items)


def _pair(item: Any) -> tuple[Any, Any] | None:
    """Return question and answer of ``{"human": …, "assistant": …}`` or ``["…", "…"]``."""
    if isinstance(item, list):
        return (item[0], item[1]) if _is_alternating(item) and len(item) == 2 else None
    if not isinstance(item, dict):
        return None
    asked = next((key for key in _ASKED if key in item), None)
    answered = next((key for key in _ANSWERED if key in item), None)
    return None if asked is None or answered is None else (item[asked], item[answered])


def read_turns(value: Any, speakers: Speakers | None = None) -> list[Message]:
    """Return the turns of a conversation.

    Args:
        speakers: what is known about names that are no roles; learns about further ones.

    Raises:
        UnfitRowError: ``value`` is none, or holds something that is not text.
    """
    items = _unpacked(value)
    if _is_alternating(items):
        return [
            Message("assistant" if n % 2 else "user", text.removeprefix("\ufeff"))
            for n, text in enumerate(items)
        ]
    turns = [turn for item in items for turn in _canonical(item)]
    roles = _roles_of(turns, speakers or Speakers())
    messages = (_turn(turn, role) for turn, role in zip(turns, roles, strict=True))
    return [m for m in messages if m.role != "system" or m.content.strip()]


def _canonical(item: Any) -> list[JsonObject]:
    """Return an element of a conversation as turns with a role and a text."""
    if isinstance(item, dict) and is_turn(item):
        return list(in_turns(item)) if has_tool_parts(item.get("content")) else [item]
    if turn := canonical(item):
        return [turn]
    if pair := _pair(item):
        said = zip(("user", "assistant"), pair, strict=True)
        return [{"role": role, "content": plain(t)} for role, t in said if t != _NOT_ASKED]
    if isinstance(item, dict):
        return [item]
    raise UnfitRowError(N_("a turn of the conversation is not an object with a role and a text"))


def _roles_of(turns: list[JsonObject], speakers: Speakers) -> list[Role]:
    names = [_speaker(turn) for turn in turns]
    roles = [known_role(name) for name in names]
    if not speakers.given and None not in roles:
        return [role for role in roles if role]
    found = speakers.roles(names)
    if isinstance(found, str):
        if not found:
            raise UnfitRowError(N_("a turn does not say who speaks"))
        raise UnfitRowError(UNKNOWN_ROLE, name=found[:40])
    return [found[name] for name in names]


def _first(turn: JsonObject, keys: Iterable[str]) -> Any:
    """Return the value of the first of ``keys`` that the turn has; runs over every turn."""
    for key in keys:
        if key in turn:
            return turn[key]
    return None


def _speaker(turn: JsonObject) -> str:
    name = _first(turn, ROLE_KEYS)
    if isinstance(name, str):
        return name
    if isinstance(name, dict):
        name = name.get("role", name.get("name"))
    return name if isinstance(name, str) else plain(name)[:40]


def _unpacked(value: Any) -> list[Any]:
    if isinstance(value, str):
        value = _from_text(value)
    if isinstance(value, dict):
        value = list(_from_object(value))
    if not isinstance(value, list):
        raise UnfitRowError(_NO_TURNS)
    return path_of_answers(value)


def _from_text(text: str) -> Any:
    """Read a conversation kept as text: JSON, a printed Python list, or marked speakers."""
    if text.lstrip()[:1] in ("[", "{", "a"):
        with suppress(ValueError):
            return orjson.loads(text)
        if (printed := python_value(text)) is not None:
            return printed
    turns = transcript(text)
    return None if turns is None else [{"role": role, "content": said} for role, said in turns]


def _from_object(value: JsonObject) -> Iterable[Any]:
    if path := path_of_history(value):
        return path
    for name in _INNER:
        if isinstance(inner := value.get(name), list):
            system = value.get("system", value.get("system_prompt"))
            said = [{"role": "system", "content": system}] if isinstance(system, str) else []
            return [*said, *inner]
    if is_reply_tree(value):
        return path_of(value)
    columns = [column for column in value.values() if isinstance(column, list)]
    if len(columns) == len(value) and len({len(column) for column in columns}) == 1:
        rows = [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
        if rows and all(is_turn(row) or canonical(row) for row in rows):
            return rows  # as a table keeps lists of objects
    if is_turn(value):
        return [value]
    raise UnfitRowError(_NO_TURNS)


def _turn(turn: JsonObject, role: Role) -> Message:
    value = _first(turn, TEXT_KEYS)
    text = value if isinstance(value, str) else content(value)
    if len(turn) == 2 and isinstance(value, str):  # only who speaks, and what
        message = Message(role, text)
        return thought_apart(message) if role == "assistant" else message
    for calls in filter(None, map(turn.get, CALL_KEYS)):
        text = "\n".join(part for part in (text, plain(calls)) if part)
    if role != "assistant":
        return Message(role, text, _weight(turn))
    named = next((turn[key] for key in REASONING_KEYS if turn.get(key)), None)
    thoughts = plain(named) if named else _thoughts_in(value)
    return thought_apart(Message(role, text, _weight(turn), thoughts))


def thought_apart(message: Message) -> Message:
    """Return an answer that begins with ``<think>…</think>`` with its reasoning apart."""
    text = message.content
    if message.reasoning or "<" not in text[:64]:
        return message
    match, thought = _THINKS.match(text), ""
    if match:
        thought = match[2]
    elif match := _FOLDED.match(text):
        thought = _QUOTED.sub("", match[2].strip())
    answer = text[match.end() :] if match else ""
    return replace(message, content=answer, reasoning=thought.strip()) if answer else message


def _thoughts_in(value: Any) -> str:
    """Return the reasoning among the typed parts of a turn."""
    parts = [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
    kept = [part for part in parts if part.get("type") in _THOUGHT_PARTS]
    names = (*_THOUGHT_PARTS, *_PART_KEYS)
    return "\n".join(plain(next((part[k] for k in names if k in part), "")) for part in kept)


def is_typed_text(value: Any) -> bool:
    """Return whether a cell is a list of typed parts that are all text, or an object with them."""
    if isinstance(value, dict):
        parts = value.get("parts")
        return isinstance(parts, list) and all(isinstance(p, dict) and "text" in p for p in parts)
    return isinstance(value, list) and bool(value) and all(map(_is_text_part, value))


def _is_text_part(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    return part.get("type") in _TEXT_PARTS or (
        part.keys() == {"text"} and isinstance(part["text"], str)
    )


def content(value: Any) -> str:
    """Return the text of a turn or a cell: text itself, or typed parts joined.

    Raises:
        UnfitRowError: a part is no text.
    """
    if isinstance(value, dict) and isinstance(value.get("parts"), list):
        return _CITED.sub("", content(without_recordings(value["parts"])))
    if not isinstance(value, list):
        return plain(value)
    parts = []
    for part in value:
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, dict) and _kind_of(part) in _TEXT_PARTS:
            parts.append(_of_part(part))
        elif not isinstance(part, dict) or part.get("type") not in (*_THOUGHT_PARTS, *SILENT_PARTS):
            kind = _kind_of(part) if isinstance(part, dict) else type(part).__name__
            kind = plain(kind)[:40]
            raise UnfitRowError(_no_text(kind), kind=kind)
    return "".join(parts)


def _kind_of(part: JsonObject) -> Any:
    return part.get("type", part.get("content_type", "text"))


def _of_part(part: JsonObject) -> str:
    """Return the text of a typed part, which some programs put into an object once more."""
    text = next((part[key] for key in _PART_KEYS if key in part), "")
    inner = text.get("value") if isinstance(text, dict) else None
    return inner if isinstance(inner, str) else plain(text)


def _no_text(kind: str) -> str:
    if any(word in kind for word in _MEDIA):
        return N_("a turn holds a picture, sound or file ({kind}), but only text can be learned")
    return N_("a turn holds something that is not text ({kind})")


def _weight(turn: JsonObject) -> bool | None:
    for name in WEIGHT_KEYS:
        value = turn.get(name)
        if isinstance(value, str):
            value = {"0": 0, "0.0": 0, "false": False, "no": False}.get(value.strip().lower())
        if isinstance(value, bool | int | float):
            return None if value else False
    return None
