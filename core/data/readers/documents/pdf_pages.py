"""The pages of a PDF as lines with their places, read in a process of their own.

A PDF is a program for a printer, and the library that runs it is written in C++: it may crash,
loop or fill the memory. So it works behind a pipe, with a limit of memory, and is ended when a page
takes too long.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import orjson

from core.data.readers.documents.paragraphs import UnreadableError

PAGE_SECONDS = 20.0
MEMORY_BYTES = 3 << 30
MOST_PAGES = 20_000
_START_SECONDS = 60.0
_MOST_UNREAD = 3
_MOST_CHARACTERS = 200_000  # of a page
_PASSWORD, _SECURITY = 4, 5  # the library's numbers


class Line(NamedTuple):
    """A line of a page. Places are in points, from the lower left corner; all 0 if unknown."""

    text: str
    left: float = 0.0
    bottom: float = 0.0
    height: float = 0.0


class PdfPages:
    """The pages of a PDF; use as a context manager.

    Attributes:
        count: how many there are.
        unread: the pages that crash the library or take too long; they count as empty.

    Raises:
        UnreadableError: the whole is damaged or locked.
    """

    def __init__(self, content: bytes, seconds: float = PAGE_SECONDS) -> None:
        self._content = content
        self._seconds = seconds
        self.unread: set[int] = set()
        self.count = self._start()

    def _start(self) -> int:
        context = multiprocessing.get_context("spawn")
        self._end, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        first = None
        try:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._end.send_bytes(self._content)
                first = self._answer(_START_SECONDS)
        finally:
            if first is None or "reason" in first:
                self.close()
        if first is None or "reason" in first:
            raise UnreadableError(first["reason"] if first else "damaged", str(first))
        return min(int(first["pages"]), MOST_PAGES)

    def __enter__(self) -> PdfPages:
        return self

    def __exit__(self, *_exit: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._end.close()
        self._process.kill()
        self._process.join()

    def page(self, number: int) -> list[Line]:
        """Return the lines of a page, counted from 0.

        Raises:
            UnreadableError: too many pages cannot be read.
        """
        if number in self.unread:
            return []
        answer = None
        with suppress(BrokenPipeError, ConnectionResetError):
            self._end.send_bytes(str(number).encode())
            answer = self._answer(self._seconds)
        if answer is not None:
            return [Line(*line) for line in answer["lines"]]
        self.unread.add(number)
        if len(self.unread) > _MOST_UNREAD:
            raise UnreadableError("damaged", f"page {number + 1} cannot be read")
        self.close()
        self._start()
        return []

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        """Return the answer, ``None`` where the process is gone or takes too long."""
        try:
            if not self._end.poll(seconds):
                return None
            found: dict[str, Any] = orjson.loads(self._end.recv_bytes())
        except (EOFError, OSError):
            return None
        return found


def work(end: Connection[Any, Any]) -> None:
    """Read pages until the pipe closes; the entry of the process."""
    _limit_memory()
    import pypdfium2

    with suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        try:
            document = pypdfium2.PdfDocument(end.recv_bytes())
        except pypdfium2.PdfiumError as error:
            locked = getattr(error, "err_code", 0) in (_PASSWORD, _SECURITY)
            reason = "locked" if locked else "damaged"
            end.send_bytes(orjson.dumps({"reason": reason, "details": str(error)}))
            return
        end.send_bytes(orjson.dumps({"pages": len(document)}))
        while True:
            number = int(end.recv_bytes())
            _limit_time()
            lines = [list(line) for line in _lines(document, number)]
            end.send_bytes(orjson.dumps({"lines": lines}))


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    """Let the system end a page without end, also when nobody is left to look at it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(time.process_time() + 2 * PAGE_SECONDS) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted, most))


def _lines(document: Any, number: int) -> Iterator[Line]:
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return  # a page that is not there
    with closing(page), closing(page.get_textpage()) as text:
        place = 0
        count = min(text.count_chars(), _MOST_CHARACTERS)
        whole = text.get_text_range(0, count) if count > 0 else ""
        for raw in whole.split("\n"):
            line = raw.removesuffix("\r")
            if said := line.strip():
                yield Line(said, *_place(text, place + len(line) - len(line.lstrip()), said[0]))
            place += len(raw) + 1


def _place(text: Any, index: int, sign: str) -> tuple[float, float, float]:
    """Return left, bottom and height of a line, by its first sign."""
    import pypdfium2
    from pypdfium2 import raw

    if raw.FPDFText_GetUnicode(text, index) != ord(sign):
        return 0.0, 0.0, 0.0
    try:
        left, bottom, _right, top = text.get_charbox(index, loose=True)
    except pypdfium2.PdfiumError:
        return 0.0, 0.0, 0.0
    return left, bottom, top - bottom
