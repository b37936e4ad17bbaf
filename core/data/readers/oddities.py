"""What stands in most examples and should hardly be learned: unknown marks, records for answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import orjson

from core.data.example import Example
from core.language import _

_LOOKED_AT = 2000
_FEWEST = 3
_MOSTLY = 0.5
_LONGEST_ANSWER = 20_000
_MARK = re.compile(
    r"<[|｜][^\s<>|｜][^<>|｜\n]{0,40}[|｜]>|\[([A-Z][A-Z_]{1,20})\](?=.*?\[/\1\])", re.S
)
_LONGEST_SEARCH = 4000
_KEYS_SHOWN = 6


class Oddities:
    """Looks at the first examples of some files."""

    def __init__(self) -> None:
        self._looked = 0
        self._marks: Counter[str] = Counter()
        self._keys: Counter[tuple[str, ...]] = Counter()

    def look(self, example: Example) -> None:
        """Look at one more example, as long as there were not many."""
        if self._looked >= _LOOKED_AT:
            return
        self._looked += 1
        self._marks.update({mark for m in example.messages for mark in _marks_in(m.content)})
        if keys := _keys_of(example.answer):
            self._keys[keys] += 1

    def marks(self) -> Iterator[tuple[str, int]]:
        """Yield a sentence and a number of rows for each mark that most rows hold."""
        for mark, rows in self._marks.most_common(5):
            if self._is_common(rows):
                text = _(
                    "“{mark}” appears in {share:.0%} of the rows and is learned as ordinary text.",
                    mark=mark,
                    share=rows / self._looked,
                )
                yield text, rows

    def records(self) -> Iterator[tuple[str, int]]:
        """Yield a sentence and a number of rows if most answers are records of one form."""
        for keys, rows in self._keys.most_common(1):
            if self._is_common(rows):
                names = ", ".join(keys[:_KEYS_SHOWN]) + (" …" if len(keys) > _KEYS_SHOWN else "")
                text = _(
                    "{share:.0%} of the answers are JSON with the same names: {names}.",
                    share=rows / self._looked,
                    names=names,
                )
                yield text, rows

    def _is_common(self, rows: int) -> bool:
        return rows >= _FEWEST and rows > _MOSTLY * self._looked


def _marks_in(text: str) -> set[str]:
    if "<|" not in text and "<｜" not in text and "[/" not in text:
        return set()
    if len(text) > 2 * _LONGEST_SEARCH:
        text = text[:_LONGEST_SEARCH] + text[-_LONGEST_SEARCH:]
    return {match.group() for match in _MARK.finditer(text)}


def _keys_of(answer: str) -> tuple[str, ...]:
    text = answer[: _LONGEST_ANSWER + 1].strip()
    if not text.startswith(("{", "[{")) or len(text) > _LONGEST_ANSWER:
        return ()
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ()
    first = value[0] if isinstance(value, list) else value
    return tuple(first) if isinstance(first, dict) else ()
