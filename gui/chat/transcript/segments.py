"""An answer in Markdown, cut into parts while it is written.

Parts that are complete never change again, so that a long answer costs no more than a short one:
only its last part is drawn again. Code between fences is a part of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})[ \t]*([^`]*?)[ \t]*$")
_ENOUGH = 1500  # characters of text after which a part may end
_LONGEST_LANGUAGE = 30


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of an answer: running text as Markdown, or code as it is."""

    text: str
    is_code: bool = False
    language: str = ""


class Segments:
    """Takes an answer piece by piece."""

    def __init__(self) -> None:
        self.done: list[Segment] = []
        self._lines: list[str] = []
        self._letters = 0
        self._partial = ""
        self._fence = ""
        self._indent = 0
        self._language = ""

    def feed(self, text: str) -> None:
        """Take the next piece."""
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._take(line.removesuffix("\r"))

    def growing(self) -> Segment | None:
        """Return the part that is still being written, if there is any."""
        lines = list(self._lines)
        if self._partial and not (self._fence and self._ends_code(self._partial)):
            lines.append(self._unindented(self._partial) if self._fence else self._partial)
        if self._fence:
            return Segment("\n".join(lines), is_code=True, language=self._language)
        text = "\n".join(lines)
        return Segment(text) if text.strip() else None

    def all(self) -> list[Segment]:
        """Return every part as it is now."""
        last = self.growing()
        return [*self.done, last] if last is not None else list(self.done)

    def _take(self, line: str) -> None:
        if self._fence:
            if self._ends_code(line):
                self._close(is_code=True)
                self._fence = ""
            else:
                self._add(self._unindented(line))
            return
        opened = _FENCE.match(line)
        if opened:
            self._close()
            self._indent, self._fence = len(opened[1]), opened[2]
            self._language = opened[3].split(" ")[0][:_LONGEST_LANGUAGE]
            return
        begins = bool(line) and not line[0].isspace()
        if self._letters > _ENOUGH and begins and self._lines and not self._lines[-1].strip():
            self._close()
        self._add(line)

    def _add(self, line: str) -> None:
        self._lines.append(line)
        self._letters += len(line) + 1

    def _close(self, *, is_code: bool = False) -> None:
        text = "\n".join(self._lines)
        if is_code or text.strip():
            language = self._language if is_code else ""
            self.done.append(Segment(text, is_code, language))
        self._lines, self._letters = [], 0

    def _ends_code(self, line: str) -> bool:
        bare = line.strip()
        is_fence = len(bare) >= len(self._fence) and set(bare) == {self._fence[0]}
        return is_fence and len(line) - len(line.lstrip()) <= 3

    def _unindented(self, line: str) -> str:
        spaces = len(line) - len(line.lstrip(" "))
        return line[min(spaces, self._indent) :]
