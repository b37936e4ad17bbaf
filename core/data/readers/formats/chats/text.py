"""Chats kept as text, a message a line behind its time, as WhatsApp and Signal export them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

from core.data.readers.encoding import KEPT_BYTES, decoded
from core.data.readers.formats.chats.clocked import clocked_rows
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT

_SPACES = r"[\s\u202f\u00a0]"
_HALF = r"(?:오전|오후|上午|下午|凌晨|早上|中午|晚上|午前|午後)"  # of the day, before the time
_TIME = (
    rf"(?:{_HALF}{_SPACES}?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?"
    rf"(?:{_SPACES}*[ap]\.?{_SPACES}?m\.?)?"
)
_DAY = (
    r"(?:\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?"
    r"|\d{4}[년年] ?\d{1,2}[월月] ?\d{1,2}[일日])"
)
_AT = rf"(?:(?:à|klo|kl\.?|um|às|a las|alle|в|г\.,?){_SPACES}+)?"  # between day and time
_LINE = re.compile(
    rf"[\u200e\u200f\ufeff]*\[?(?P<day>{_DAY}),?{_SPACES}+{_AT}{_TIME}"
    rf"\]?{_SPACES}*(?:[-,]{_SPACES}*)?(?P<rest>.*)",
    re.I | re.S,
)
_HEAD = re.compile(  # a time, the speaker behind it or below, then what is said
    rf"[ \t]*\[?(?P<day>\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|[A-Z][a-z]{{2}} \d{{1,2}}, \d{{4}}),?"
    rf"[\s\u202f\u00a0]+{_TIME}\]?(?:[ \t]*\([^()\n]{{1,80}}\))?[ \t]*(?P<who>[^\n:]{{0,60}})",
    re.I,
)
_BESIDE = re.compile(r"\{(?:Reactions|Embed|Attachments|Stickers)\}.*\Z", re.S)
_SPEAKER = re.compile(
    r"<(?P<nick>[^<>\n]{1,60})>\s*(?P<told>.*)|(?P<who>[^:\n]{1,60}):\s(?P<said>.*)", re.S
)
_NOTHING_SAID = re.compile(
    r"\u200e.*"  # what the program says or attaches, on iPhones
    r"|\s*<[^<>]{1,60}>"  # a picture that was left out, in any language
    r"|(?:image|video|audio|sticker|gif|document|contact card) omitted|null"
    r"|(?:you deleted )?this message(?: was deleted)?\.?|waiting for this message.*"
    r"|missed (?:group )?(?:voice|video) call\.?"
    r"|(?:diese nachricht wurde|du hast diese nachricht) gelöscht\.?"
    r"|(?:ce message a été|vous avez) supprimé(?: ce message)?\.?"
    r"|(?:se eliminó|eliminaste) este mensaje\.?"
    r"|(?:questo messaggio è stato eliminato|hai eliminato questo messaggio)\.?"
    r"|(?:mensagem apagada|você apagou esta mensagem|essa mensagem foi apagada)\.?"
    r"|(?:dit bericht is verwijderd|je hebt dit bericht verwijderd)\.?\s*",
    re.I | re.S,
)
_EDITED = re.compile(
    r"\s*\u200e?<[^<>]*(?:edited|bearbeitet|modifié|editado|editada|modificato|bewerkt)[^<>]*>\s*\Z",
    re.I,
)
_LINES_LOOKED_AT = 40
_ENOUGH = 0.5
_HEADS_WITHIN = 1 << 14  # bytes


def is_chat(text: str) -> bool:
    """Return whether a text begins as a chat does: most of its lines with a time."""
    lines = [line for line in text.splitlines()[:_LINES_LOOKED_AT] if line.strip()]
    timed = sum(_LINE.match(line) is not None for line in lines)
    return timed > 1 and timed >= _ENOUGH * len(lines)


def is_headed_chat(text: str) -> bool:
    """Return whether heads with a time stand above what is said: DiscordChatExporter, iMessage."""
    lines = text.splitlines()[: 2 * _LINES_LOOKED_AT]
    heads = [n for n, line in enumerate(lines) if _HEAD.fullmatch(line.rstrip())]
    texts = [n for n in heads if n + 1 < len(lines) and lines[n + 1].strip()]
    return len(texts) > 2 and len(texts) > 0.8 * len(heads) and 8 * len(heads) >= len(lines)


def chat_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield one row a message; what the program itself says and pictures are no messages."""
    with decoded(stream, encoding) as text:
        head = text.read(_HEADS_WITHIN) + text.readline(LINE_LIMIT)
        more = iter(lambda: text.readline(LINE_LIMIT), "")
        lines = chain(io.StringIO(head, newline=""), more)
        if is_chat(head):
            yield from _timed_rows(lines)
        else:
            yield from (_headed_rows if is_headed_chat(head) else clocked_rows)(lines)


def _headed_rows(lines: Iterable[str]) -> Iterator[Record]:
    begin, day, who, parts = 1, "", "", list[str]()
    for number, line in enumerate(lines, start=1):
        match = _HEAD.fullmatch(line.rstrip())
        if match is None:
            parts.append(line)
            continue
        yield from _headed(begin, day, who, parts)
        begin, day, who, parts = number, match["day"], match["who"].strip(), []
    yield from _headed(begin, day, who, parts)


def _headed(line: int, day: str, who: str, parts: list[str]) -> Iterator[Record]:
    said = _BESIDE.sub("", "".join(parts)).strip()
    if day and not who:
        who, _, said = said.partition("\n")
    if day and who.strip() and said.strip():
        value = {"speaker": who.strip(), "said": said.strip(), "day": day}
        yield Record(line, value, broken=KEPT_BYTES.search(said) is not None)


def _timed_rows(lines: Iterable[str]) -> Iterator[Record]:
    begin, day, parts = 1, "", list[str]()
    for number, line in enumerate(lines, start=1):
        match = _LINE.match(line)
        if match is None:
            parts.append(line)
            continue
        yield from _row(begin, day, parts)
        begin, day, parts = number, match["day"], [match["rest"]]
    yield from _row(begin, day, parts)


def _row(line: int, day: str, parts: list[str]) -> Iterator[Record]:
    text = "".join(parts).strip()
    match = _SPEAKER.match(text)
    if not day or not match:
        return
    who, said = match["who"] or match["nick"], match["said"] or match["told"] or ""
    said = _EDITED.sub("", said)
    if said.strip() and not _NOTHING_SAID.fullmatch(said):
        value = {"speaker": who.strip(), "said": said, "day": day}
        yield Record(line, value, broken=KEPT_BYTES.search(text) is not None)
