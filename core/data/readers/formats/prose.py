"""Plain text and Markdown: marked questions and answers, else passages of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, Literal

from core.data.readers.documents.paragraphs import Paragraph
from core.data.readers.encoding import KEEP_BYTES, KEPT_BYTES
from core.data.readers.formats.json_rows import TOO_LONG, limited_lines
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT
from core.language import _

_PASSAGE_LIMIT = 4000
_LOOKED_AT = 50
_NUMBER = r"(?:\s*\#?\d{1,5})?\s*"
_QUESTION_WORDS = (
    r"q|question|user|human|instruction|prompt|input|frage|nutzer|pregunta|domanda|pergunta|vraag"
)
_ANSWER_WORDS = (
    r"a|answer|assistant|response|completion|output|bot|gpt|antwort|réponse|respuesta|risposta"
    r"|resposta|antwoord"
)


def _mark(words: str) -> re.Pattern[str]:
    """A line that begins with a word and a colon, or a heading of nothing but the word."""
    return re.compile(
        rf"^(?:[#>]+\s*)?(?:\*\*)?(?:\d{{1,5}}[.)]\s+)?(?:{words}){_NUMBER}"
        rf"(?::(?:\*\*)?|\*\*:)\s*|^\#+\s*(?:\*\*)?(?:{words}){_NUMBER}(?:\*\*)?\s*$",
        re.I,
    )


_QUESTION = _mark(_QUESTION_WORDS)
_ANSWER = _mark(_ANSWER_WORDS)
_HEADING = re.compile(r"^#{1,6}\s")
_RULE = re.compile(r"^\s{0,3}(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$")


def is_answer_mark(line: str) -> bool:
    """Return whether an answer begins in this line."""
    return _ANSWER.match(line) is not None


def prose_rows(
    stream: IO[bytes], encoding: str, file_format: Literal["text", "markdown"]
) -> Iterator[Record]:
    """Yield ``{"question", "answer"}`` where the text marks them, else ``{"text"}`` passages.

    A passage ends at a blank line (in Markdown: at the next heading).
    """
    collector = _Collector(file_format == "markdown")
    for number, line in _lines(stream, encoding):
        if line is None:
            yield from collector.flush()
            yield Record(number, fault=_(TOO_LONG, limit=LINE_LIMIT >> 20))
        else:
            yield from collector.add(number, line)
    yield from collector.flush()


def document_rows(paragraphs: Iterable[Paragraph], file_format: str) -> Iterator[Record]:
    """Yield what :func:`prose_rows` does, for a document; a passage ends where a paragraph does.

    A few headings that ask do not make questions and answers of a whole document: its beginning
    decides. A PDF's rows carry their page.
    """
    rows = _passages(paragraphs, file_format)
    first = list(islice(rows, _LOOKED_AT))
    complete = sum("answer" in record.value for record in first)
    as_text = 2 * complete < len(first)
    for record in chain(first, rows):
        if as_text:
            record.value = {"text": "\n\n".join(filter(None, record.value.values()))}
        yield record


def _passages(paragraphs: Iterable[Paragraph], file_format: str) -> Iterator[Record]:
    collector = _Collector(markdown=True)
    pages: list[int] = []
    for number, paragraph in enumerate(paragraphs, 1):
        pages.append(paragraph.place)
        if not paragraph.marked:
            continue
        for record in collector.add(number, paragraph.marked):
            yield _on_page(record, pages, file_format)
        for record in collector.add(number, ""):
            yield _on_page(record, pages, file_format)
    for record in collector.flush():
        yield _on_page(record, pages, file_format)


def _on_page(record: Record, pages: list[int], file_format: str) -> Record:
    if file_format == "pdf":
        record.part = f"page {pages[record.line - 1]}"  # not shown: a name, as of a sheet
    return record


def _lines(stream: IO[bytes], encoding: str) -> Iterator[tuple[int, str | None]]:
    if encoding.replace("-", "").lower() in ("utf8", "utf8sig", "ascii", "cp1252", "latin1"):
        for number, raw in limited_lines(stream):
            text = None if raw is None else raw.decode(encoding, KEEP_BYTES)
            yield number, text if text is None else text.lstrip("\ufeff")
        return
    from core.data.readers.formats.json_rows import as_utf8

    for number, raw in limited_lines(as_utf8(stream, encoding)):
        yield number, None if raw is None else raw.decode("utf-8", KEEP_BYTES)


class _Collector:
    """Gathers lines until a row is complete."""

    def __init__(self, markdown: bool) -> None:
        self._markdown = markdown
        self._begin = 0
        self._question: list[str] | None = None
        self._lines: list[str] = []
        self._size = 0
        self._in_front_matter = False

    def _divide(self, number: int) -> None:
        """A rule between sections is no part of them; front matter stands between the first two."""
        self._in_front_matter = number == 1

    def add(self, number: int, line: str) -> Iterator[Record]:
        """Take one line; yield the row that it completes, if any."""
        line = line.rstrip("\r\n")
        if self._markdown and _RULE.match(line):
            self._divide(number)
        elif self._in_front_matter:
            return
        elif match := _QUESTION.match(line):
            yield from self.flush()
            rest = _unbolded(match.group(), line[match.end() :])
            self._begin, self._question, self._lines = number, [], [rest]
        elif self._question == [] and (match := _ANSWER.match(line)):
            rest = _unbolded(match.group(), line[match.end() :])
            self._question, self._lines = self._lines, [rest]
        elif self._question is not None:
            self._lines.append(line)
        else:
            yield from self._add_passage_line(number, line)

    def _add_passage_line(self, number: int, line: str) -> Iterator[Record]:
        ends = _HEADING.match(line) if self._markdown else not line.strip()
        if ends or self._size > _PASSAGE_LIMIT:
            yield from self.flush()
        if not self._lines:
            if not line.strip():
                return
            self._begin = number
        self._lines.append(line)
        self._size += len(line)

    def flush(self) -> Iterator[Record]:
        """Yield what was gathered."""
        text = "\n".join(self._lines).strip()
        question = "\n".join(self._question or []).strip()
        if self._question is not None:
            complete = bool(self._question)
            value = {"question": question, "answer": text} if complete else {"question": text}
            yield _record(self._begin, value)
        elif text and not (self._markdown and _HEADING.match(text) and "\n" not in text):
            yield _record(self._begin, self._passage(text))  # a title alone says nothing
        self._question, self._lines, self._size = None, [], 0

    def _passage(self, text: str) -> dict[str, str]:
        """A heading that asks is a question, what stands below it the answer."""
        heading, _, below = text.partition("\n")
        if self._markdown and _HEADING.match(heading) and heading.rstrip().endswith("?"):
            return {"question": heading.lstrip("# ").rstrip(), "answer": below.strip()}
        return {"text": text}


def _unbolded(mark: str, text: str) -> str:
    """Return what stands behind ``**Q:`` without the signs that end the bold type."""
    return text.rstrip().removesuffix("**") if mark.count("**") == 1 else text


def _record(line: int, value: dict[str, str]) -> Record:
    return Record(line, value, broken=any(KEPT_BYTES.search(text) for text in value.values()))
