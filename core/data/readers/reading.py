"""All rows of inspected files, as examples or as bad rows with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from core.data.example import BadRow, Example, Message, Source
from core.data.readers.conversations.roles import UNKNOWN_ROLE
from core.data.readers.conversations.turns import UnfitRowError
from core.data.readers.convert import Converter, converter, task_of
from core.data.readers.documents.paragraphs import Tidied
from core.data.readers.formats.chats.endings import up_to_last_word
from core.data.readers.formats.chats.logs import ChatLog
from core.data.readers.formats.pieces import LIMIT, pieces
from core.data.readers.formats.records import Record
from core.data.readers.inspection import Inspection, SourceInspection
from core.data.readers.ledger import Ledger
from core.data.readers.leftovers import Leftovers, needs_picture
from core.data.readers.parser import parse
from core.data.readers.shapes import Guess, guess_shape
from core.data.readers.sources import ReadMeter

_KNOWN_FOREIGN_SHAPES = 64
_LINE_END = re.compile("\r\n?")


class Row(NamedTuple):
    """One row that was read, with what only the reader can know about it.

    ``foreign``: the row has another shape than the rest of its file. ``broken``: some of its bytes
    did not fit the encoding. ``piece``: how many pieces of the same long text come before it.
    """

    item: Example | BadRow
    foreign: bool = False
    broken: bool = False
    piece: int = 0


def read(inspection: Inspection) -> Iterator[Example | BadRow]:
    """Yield every row of the inspected files, in their order; memory stays flat."""
    for row in read_rows(inspection):
        yield row.item


def read_rows(
    inspection: Inspection, meter: ReadMeter | None = None, ledger: Ledger | None = None
) -> Iterator[Row]:
    """Like :func:`read`, with the reader's own observations.

    Args:
        meter: learns how far the files are read.
        ledger: learns what is left out.
    """
    ledger = ledger or Ledger()
    ledger.speakers.given = inspection.options.speakers
    ledger.refused = inspection.refused
    for source in inspection.sources:
        task = inspection.options.task.get(source.source.label, "")
        for row in _Reader(source, task, ledger).rows(meter):
            ledger.note(row.item)
            yield row


class _Reader:
    """Reads one file; knows the converters of the shapes that occur in it."""

    def __init__(self, looked: SourceInspection, task: str, ledger: Ledger) -> None:
        self._looked = looked
        self._ledger = ledger
        self._label = looked.source.label
        self._task = task
        self._main = converter(looked.guess, ledger.speakers)
        self._leftovers = Leftovers(looked.guess, ledger)
        self._task_columns = [c for c, role in looked.mapping.items() if role == "task"]
        self._foreign: dict[tuple[str, ...], Converter] = {}

    def rows(self, meter: ReadMeter | None) -> Iterator[Row]:
        looked = self._looked
        with looked.source.open(meter) as stream:
            tidied = Tidied()
            records = parse(stream, looked.format, looked.encoding, self._label, tidied)
            for record in looked.threads.join(records) if looked.threads else records:
                yield from self._in_pieces(self._row(record))
        self._ledger.note_document(tidied)

    def _in_pieces(self, row: Row) -> Iterator[Row]:
        """A long text without a question becomes several rows, so that none of it is lost."""
        item = row.item
        if not (isinstance(item, Example) and len(item.messages) == 1):
            yield row
            return
        (message,) = item.messages
        if message.role != "assistant" or len(message.content) <= LIMIT or message.reasoning:
            yield row
            return
        found = pieces(message.content)
        self._ledger.note_pieces(len(found))
        for number, text in enumerate(found):
            part = replace(item, messages=(replace(message, content=text),))
            yield row._replace(item=part, piece=number)

    def _row(self, record: Record) -> Row:
        label = f"{self._label}/{record.part}" if record.part else self._label
        source = Source(label, record.line)
        if record.fault:
            return Row(BadRow(source, record.fault, record.raw), broken=record.broken)
        try:
            turns, foreign = self._main(record.value), False
        except UnfitRowError as error:
            found = self._in_another_shape(record.value, error)
            if found is None:
                return Row(BadRow(source, error.reason, _raw(record.value)), broken=record.broken)
            turns, foreign = found, True
        if reason := needs_picture(record.value, turns):
            return Row(BadRow(source, reason, _raw(record.value)), broken=record.broken)
        if not foreign:
            self._leftovers.note(record.value)
        turns = tuple(map(_with_plain_line_ends, turns))
        if isinstance(self._looked.threads, ChatLog) and self._ledger.speakers.given:
            told = up_to_last_word(turns)
            self._ledger.note_ending(len(turns) - len(told))
            turns = told
        return Row(Example(turns, source, self._task_of(record.value)), foreign, record.broken)

    def _in_another_shape(self, value: Any, error: UnfitRowError) -> tuple[Message, ...] | None:
        if error.source == UNKNOWN_ROLE:
            return None  # it is a conversation; only a name is not known
        with suppress(UnfitRowError):
            return self._other_shape(value)(value)
        return None

    def _task_of(self, value: Any) -> str:
        if not self._task_columns or not isinstance(value, dict):
            return self._task
        with suppress(UnfitRowError):
            return task_of(value, self._task_columns) or self._task
        return self._task

    def _other_shape(self, value: Any) -> Converter:
        """A row that does not fit its file may still have a shape that is known."""
        if self._looked.corrected and isinstance(value, str):
            raise UnfitRowError
        key = tuple(value) if isinstance(value, dict) else (type(value).__name__,)
        known = self._foreign.get(key)
        if known is None:
            guess = guess_shape([value])
            sure = guess.confidence >= 0.9 and not isinstance(value, str)
            known = converter(guess if sure else Guess("unknown"), self._ledger.speakers)
            if len(self._foreign) < _KNOWN_FOREIGN_SHAPES:
                self._foreign[key] = known
        return known


def _raw(value: Any) -> str:
    try:
        return str(value)[:2000].encode("utf-8", "replace").decode("utf-8")
    except RecursionError:
        return ""


def _with_plain_line_ends(message: Message) -> Message:
    """How a system ends its lines is no part of what was written, and no finding."""
    if "\r" not in message.content and "\r" not in message.reasoning:
        return message
    content, reasoning = (_LINE_END.sub("\n", t) for t in (message.content, message.reasoning))
    return replace(message, content=content, reasoning=reasoning)
