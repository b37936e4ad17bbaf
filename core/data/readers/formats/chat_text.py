"""Chats kept as text, a message a line behind its time, as WhatsApp and Signal export them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from core.data.readers.encoding import KEPT_BYTES, decoded
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT

_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s\u202f\u00a0]*[ap]\.?[\s\u202f\u00a0]?m\.?)?"
_LINE = re.compile(
    rf"[\u200e\u200f\ufeff]*\[?(?P<day>\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}),?[\s\u202f\u00a0]+{_TIME}"
    r"\]?[\s\u202f\u00a0]*(?:-[\s\u202f\u00a0]*)?(?P<rest>.*)",
    re.I | re.S,
)
_HEAD = re.compile(  # a time, the speaker behind it or below, then what is said
    rf"[ \t]*\[?(?P<day>\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|[A-Z][a-z]{{2}} \d{{1,2}}, \d{{4}}),?"
    rf"[\s\u202f\u00a0]+{_TIME}\]?(?:[ \t]*\([^()\n]{{1,80}}\))?[ \t]*(?P<who>[^\n:]{{0,60}})",
    re.I,
)
_BESIDE = re.compile(r"\{(?:Reactions|Embed|Attachments|Stickers)\}.*\Z", re.S)
_SPEAKER = re.compile(r"(?P<who>[^:\n]{1,60}):\s(?P<said>.*)", re.S)
_NOTHING_SAID = re.compile(
    r"[\u200e\s]*(?:<[^<>]{1,40}(?:omitted|weggelassen|ausgeschlossen|omis|omitid[oa]|omesso)>"
    r"|(?:image|video|audio|sticker|gif|document|contact card) omitted|null"
    r"|(?:you deleted )?this message(?: was deleted)?\.?)\s*",
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


def headed_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield one row a message of such a chat."""
    with decoded(stream, encoding) as text:
        begin, day, who, parts = 1, "", "", list[str]()
        for number, line in enumerate(iter(lambda: text.readline(LINE_LIMIT), ""), start=1):
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


def chat_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield one row a message; what the program itself says and pictures are no messages."""
    sample = stream.read(_HEADS_WITHIN)
    stream.seek(0)
    text_of = sample.decode(encoding, "replace")
    if not is_chat(text_of) and is_headed_chat(text_of):
        yield from headed_rows(stream, encoding)
        return
    with decoded(stream, encoding) as text:
        begin, day, parts = 1, "", list[str]()
        for number, line in enumerate(iter(lambda: text.readline(LINE_LIMIT), ""), start=1):
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
    if day and match and not _NOTHING_SAID.fullmatch(match["said"]):
        value = {"speaker": match["who"].strip(), "said": match["said"], "day": day}
        yield Record(line, value, broken=KEPT_BYTES.search(text) is not None)
