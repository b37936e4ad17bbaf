"""Subtitles (SubRip, WebVTT): what is said without times; a chat where voices are named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from core.data.readers.encoding import KEPT_BYTES, decoded
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT

_TIME = re.compile(
    r"\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}"
)
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+(?P<who>[^>]{1,60})>")
_MARK = re.compile(r"</?[^<>]{1,80}>|\{\\[^{}]{1,40}\}")
_SECTION = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)\b")


def is_subtitles(text: str) -> bool:
    """Return whether a text begins as subtitles do."""
    lines = text.lstrip("\ufeff \r\n").splitlines()[:40]
    timed = sum(_TIME.match(line) is not None for line in lines)
    return timed > 0 and (lines[0].startswith("WEBVTT") or lines[0].strip().isdigit())


def subtitle_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield one text, or a message for each cue where several voices are named."""
    cues = list(_cues(stream, encoding))
    voices = {who for _, who, _ in cues if who}
    if len(voices) > 1:
        for line, who, said in cues:
            if who:
                value = {"speaker": who, "said": said, "day": ""}
                yield Record(line, value, broken=KEPT_BYTES.search(said) is not None)
        return
    text = "\n".join(said for _, _, said in cues)
    if text:
        yield Record(cues[0][0], {"text": text}, broken=KEPT_BYTES.search(text) is not None)


def _cues(stream: IO[bytes], encoding: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, voice and words of each cue; one that repeats the last one counts once."""
    with decoded(stream, encoding) as text:
        begin, parts, before = 0, list[str](), ""
        for number, line in enumerate(iter(lambda: text.readline(LINE_LIMIT), ""), start=1):
            if _TIME.match(line):
                begin, parts = number, []
            elif line.strip() and begin:
                parts.append(line.strip())
            elif begin:
                said = _words(parts)
                if said and said != before:
                    yield begin, _voice(parts), said
                begin, before = 0, said or before
        if begin and (said := _words(parts)):
            yield begin, _voice(parts), said


def _voice(parts: list[str]) -> str:
    match = _VOICE.search(" ".join(parts))
    return match["who"].strip() if match else ""


def _words(parts: list[str]) -> str:
    if parts and _SECTION.match(parts[0]):
        return ""
    return "\n".join(filter(None, (_MARK.sub("", part).strip() for part in parts)))
