"""Chats whose lines carry the time alone, the day above or nowhere: LINE, KakaoTalk, IRC, Zoom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.data.readers.encoding import KEPT_BYTES
from core.data.readers.formats.records import Record

_HALF = r"(?:[ap]m|오전|오후|上午|下午|午前|午後)"  # of the day
_CLOCK = rf"\[?(?:{_HALF} ?)?\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: ?[ap]m)?\]?"
_LINE = re.compile(
    rf"(?:\[(?P<above>[^\[\]\n]{{1,60}})\]\s{_CLOCK}|{_CLOCK}(?:"  # KakaoTalk names first
    r"\t(?P<tab>[^\t\n]{1,60})\t"  # LINE
    r"|\s+<[ @+%~&]?(?P<nick>[^<>\n]{1,60})>\s"  # IRC
    r"|\s+From\s+(?P<zoom>[^\n]{1,80}?)\s+to\s+[^\n:]{1,80}:"
    r"|\s+(?P<plain>[^\s:][^:\n]{0,40}):(?=\s)"
    r"))[ \t]*(?P<said>.*)",
    re.I | re.S,
)
_DAY = re.compile(
    r"(?P<day>[^\d\n]{0,24}(?:\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}|\d{4}년 \d{1,2}월 \d{1,2}일)"
    r"[^\t\n]{0,30})"
)
_EVENT = re.compile(rf"{_CLOCK}\s+(?:\*|-!-|-->|<--)")
_PICTURE = re.compile(r"\[(?:sticker|photo|video|file|스티커|사진|スタンプ|写真|貼圖|照片)\]", re.I)
_LINES_LOOKED_AT = 80
_ENOUGH = 0.4


def is_clocked(text: str) -> bool:
    """Return whether most lines of a text begin with a time and who speaks."""
    lines = [line for line in text.splitlines()[:_LINES_LOOKED_AT] if line.strip()]
    spoken = [match for line in lines if (match := _LINE.match(line))]
    names = {_speaker(match) for match in spoken}
    return len(spoken) > 2 and len(spoken) >= _ENOUGH * len(lines) and 1 < len(names) < len(spoken)


def _speaker(match: re.Match[str]) -> str:
    found = filter(None, match.group("above", "tab", "nick", "zoom", "plain"))
    return str(next(found)).strip()


def clocked_rows(lines: Iterable[str]) -> Iterator[Record]:
    """Yield one row a message."""
    begin, day, who, parts = 1, "", "", list[str]()
    for number, line in enumerate(lines, start=1):
        spoken, ended = _LINE.match(line), _DAY.fullmatch(line.strip())
        if spoken is None and ended is None and not _EVENT.match(line):
            parts.append(line)
            continue
        yield from _row(begin, day, who, parts)
        begin, who, parts = number, "", []
        if spoken:
            who, parts = _speaker(spoken), [spoken["said"]]
        elif ended:
            day = ended["day"].strip()
    yield from _row(begin, day, who, parts)


def _row(line: int, day: str, who: str, parts: list[str]) -> Iterator[Record]:
    said = "".join(parts).strip()
    if who and said and not _PICTURE.fullmatch(said):
        value = {"speaker": who, "said": said, "day": day}
        yield Record(line, value, broken=KEPT_BYTES.search(said) is not None)
