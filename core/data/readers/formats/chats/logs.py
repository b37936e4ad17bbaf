"""Chats between people, as chat programs export them: one message a row, joined to conversations.

A pause of some hours, or another day, begins a new conversation. Who of them the model shall
become, only you know: their names are speakers like others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.data.readers.formats.chats.messages import KINDS, ChatMessage, Reading, slack
from core.data.readers.formats.chats.names import names_beside, with_names
from core.data.readers.formats.records import Record
from core.data.readers.sources import DataSource

_PAUSE_SECONDS = 4 * 3600
_MOST_TURNS = 64
_ENOUGH_KNOWN = 0.8


_Said = tuple[Record, ChatMessage]


@dataclass(frozen=True, slots=True)
class ChatLog:
    """How the messages of a file are read.

    Attributes:
        names: of people by the marks that their messages carry.
    """

    read: Reading
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def join(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield one record for each conversation; damaged rows pass as they are."""
        group: list[_Said] = []
        threads: dict[str, list[_Said]] = {}
        answered = False
        for record in records:
            if record.fault:
                yield record
                continue
            message = self.read(record.value) if isinstance(record.value, dict) else None
            if message is None:
                continue  # somebody joined, a picture, a head line
            message = self._with_names(message)
            if message.thread:
                threads.setdefault(message.thread, []).append((record, message))
                continue
            if group and answered and _begins_another(group[-1][1], message, len(group)):
                yield _conversation(group)
                group, answered = [], False
            group.append((record, message))
            answered = answered or message.speaker != group[0][1].speaker
        for thread in (group, *threads.values()):
            if thread:
                yield _conversation(thread)

    def _with_names(self, message: ChatMessage) -> ChatMessage:
        if not self.names:
            return message
        speaker = self.names.get(message.speaker, message.speaker)
        return replace(message, speaker=speaker, text=with_names(message.text, self.names))


def _begins_another(before: ChatMessage, message: ChatMessage, turns: int) -> bool:
    paused = abs(message.seconds - before.seconds) > _PAUSE_SECONDS
    full = turns >= _MOST_TURNS and message.speaker != before.speaker
    return paused or full or message.day != before.day


def _conversation(group: list[_Said]) -> Record:
    turns: list[tuple[str, list[str]]] = []
    if group[0][1].seconds > group[-1][1].seconds:  # the newest message stood first
        group = group[::-1]
    for _, message in group:
        if turns and turns[-1][0] == message.speaker:
            turns[-1][1].append(message.text)
        else:
            turns.append((message.speaker, [message.text]))
    said = [{"role": speaker, "content": "\n".join(texts)} for speaker, texts in turns]
    broken = any(record.broken for record, _ in group)
    return Record(group[0][0].line, {"messages": said}, broken=broken)


def find_chat(rows: Sequence[Any], source: DataSource | None = None) -> ChatLog | None:
    """Return how to read the sample ``rows`` of a file if they are messages of people's chat."""
    dicts = [row for row in rows if isinstance(row, dict)]
    for is_message, read in KINDS:
        known = sum(map(is_message, dicts))
        if known and known >= _ENOUGH_KNOWN * (len(rows) - 1):  # a head line may stand above
            return ChatLog(read, names_beside(source) if source and read is slack else {})
    return None
