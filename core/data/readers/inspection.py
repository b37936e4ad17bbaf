"""A first look at files: format, encoding, columns and shape, guessed from their beginning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from core.data.readers.encoding import guess_encoding, is_text_encoding, with_byte_order
from core.data.readers.exports.batches import BatchAnswers, are_answers, are_requests
from core.data.readers.exports.cards import is_cards
from core.data.readers.exports.chat_pages import is_chat_page
from core.data.readers.exports.dialogues import is_dialogue
from core.data.readers.exports.mail import is_mail
from core.data.readers.exports.reddit import RedditThreads, are_posts, is_reddit
from core.data.readers.exports.sessions import SessionLog, find_sessions
from core.data.readers.exports.subtitles import is_subtitles
from core.data.readers.exports.threads import Threads, find_threads
from core.data.readers.exports.xml_rows import is_xml_rows
from core.data.readers.formats.chats.clocked import is_clocked
from core.data.readers.formats.chats.logs import ChatLog, find_chat
from core.data.readers.formats.chats.text import is_chat, is_headed_chat
from core.data.readers.formats.other_kinds import refuse_other_kinds
from core.data.readers.formats.records import Format, Record
from core.data.readers.options import ColumnRole, ReadOptions
from core.data.readers.parser import parse
from core.data.readers.shapes import Guess, column_names, guess_shape
from core.data.readers.sources import DataSource, expand
from core.errors import UserFacingError
from core.language import _

_SAMPLE_BYTES = 1 << 20
_SAMPLE_ROWS = 200
_SURE = 0.9
_COMMENTS_ABOVE = re.compile(r"(?:(?://|\#)[^\n]*+\n\s*+|/\*(?:[^*]|\*(?!/))*+\*/\s*+)*+")
_COLUMNAR = (".arrow", ".feather")
_LINE_SUFFIXES = (".jsonl", ".ndjson")
_TABULAR: dict[str, Format] = {".csv": "csv", ".tsv": "tsv", ".md": "markdown", ".txt": "text"}
_PACKED_DOCUMENTS: dict[str, Format] = {".docx": "docx", ".epub": "epub"}
_WEB_PAGES = (".html", ".htm", ".xhtml")


Joined = Threads | ChatLog | RedditThreads | SessionLog | BatchAnswers


@dataclass(frozen=True, slots=True)
class SourceInspection:
    """What one file seems to be.

    ``columns`` are all column names; ``mapping`` says which of them play a role; ``threads`` how
    rows of one message each are joined to conversations; ``asks`` whether these are posts or
    requests whose answers may stand in another file, and how they are joined with them.
    """

    source: DataSource
    format: Format
    encoding: str
    encoding_confidence: float
    columns: tuple[str, ...]
    guess: Guess
    corrected: bool = False
    threads: Joined | None = None
    asks: type[RedditThreads] | type[BatchAnswers] | None = None

    @property
    def mapping(self) -> dict[str, ColumnRole]:
        """Column name → role, for the columns that are used."""
        return self.guess.columns


@dataclass(frozen=True, slots=True)
class Inspection:
    """What all chosen files seem to be; the input of ``read``.

    ``refused``: what is said of each document that cannot be read beside others that can.
    """

    sources: tuple[SourceInspection, ...]
    options: ReadOptions
    refused: tuple[str, ...] = ()

    @property
    def format(self) -> str:
        """The format of all files, or ``"mixed"``."""
        formats = {source.format for source in self.sources}
        return formats.pop() if len(formats) == 1 else "mixed"

    @property
    def shape(self) -> str:
        """The shape of all files' rows, or ``"mixed"``."""
        shapes = {source.guess.shape for source in self.sources}
        return shapes.pop() if len(shapes) == 1 else "mixed"

    @property
    def columns(self) -> tuple[str, ...]:
        """All column names, in their order."""
        return tuple(dict.fromkeys(name for s in self.sources for name in s.columns))

    @property
    def mapping(self) -> dict[str, ColumnRole]:
        """Column name → role, over all files."""
        return {name: role for s in self.sources for name, role in s.mapping.items()}

    @property
    def confidence(self) -> float:
        """How sure the least certain guess is, from 0 to 1."""
        return min((s.guess.confidence for s in self.sources), default=0.0)

    @property
    def encoding(self) -> str:
        """The encoding of all text files, or ``"mixed"``."""
        names = {s.encoding for s in self.sources}
        return names.pop() if len(names) == 1 else "mixed"


def inspect_sources(
    paths: Iterable[Path | str], overrides: ReadOptions | None = None
) -> Inspection:
    """Look at the beginning of each file and guess how to read it.

    Args:
        paths: files, folders or archives.
        overrides: what you corrected.

    Raises:
        UserFacingError: ``dataset.empty``, ``dataset.not_a_dataset``, ``dataset.nothing_found``,
            ``dataset.unknown_encoding`` or a refusal of the operating system.
    """
    options = overrides or ReadOptions()
    _check_encoding(options.encoding)
    sources = expand(Path(path) for path in paths)
    looked, refused = [], list[UserFacingError]()
    for source in sources:
        try:
            looked.append(_inspect(source, options))
        except UserFacingError as error:
            if not error.code.startswith("document."):
                raise
            refused.append(error)
    found = [look for look in looked if look is not None]
    for kind in (RedditThreads, BatchAnswers):
        found = list(_with_questions(found, kind))
    if not found and refused:
        raise refused[0]
    if not found:
        raise _empty(sources[0].label if sources else "nothing")
    return Inspection(tuple(found), options, tuple(error.what for error in refused))


def _with_questions(
    looked: list[SourceInspection], kind: type[RedditThreads] | type[BatchAnswers]
) -> Iterator[SourceInspection]:
    """Answers with what they answer in other files, which are no examples themselves."""
    answers = [look for look in looked if isinstance(look.threads, kind)]
    asked = [look for look in looked if look.asks is kind] if answers else []
    if not asked:
        yield from looked
        return
    answered = kind(tuple(partial(_all_rows, one) for one in asked))
    for look in looked:
        if look in answers:
            yield _looked_at_anew(look, answered)
        elif look not in asked:
            yield look


def _all_rows(looked: SourceInspection) -> Iterator[Record]:
    with looked.source.open() as stream:
        yield from parse(stream, looked.format, looked.encoding, looked.source.label)


def _looked_at_anew(looked: SourceInspection, threads: Joined) -> SourceInspection:
    values = [r.value for r in islice(threads.join(_all_rows(looked)), _SAMPLE_ROWS) if not r.fault]
    guess = guess_shape(values)
    columns = tuple(dict.fromkeys([*column_names(values), *guess.columns]))
    return replace(looked, columns=columns, guess=guess, threads=threads)


def _check_encoding(name: str) -> None:
    if name and not is_text_encoding(name):
        raise UserFacingError(
            "dataset.unknown_encoding",
            _("There is no text encoding called “{name}”.", name=name),
            _("Choose one from the list, for example utf-8 or cp1252."),
        )


def _empty(label: str) -> UserFacingError:
    return UserFacingError(
        "dataset.empty",
        _("“{name}” is empty.", name=label),
        _("Choose a file that holds questions and answers."),
    )


def _inspect(source: DataSource, options: ReadOptions) -> SourceInspection | None:
    with source.open() as stream:
        sample = stream.read(_SAMPLE_BYTES)
    if not sample.strip():
        return None
    guessed = guess_encoding(sample)
    chosen = options.encoding and with_byte_order(options.encoding, sample)
    encoding = chosen or guessed.name
    file_format = _format_of(source, sample, encoding)
    if file_format in ("xlsx", "parquet", "arrow", "pdf", "docx", "epub"):
        encoding = ""
    values, threads = _sample_rows(source, file_format, encoding)
    guessed_shape = guess_shape(values)
    columns = tuple(dict.fromkeys([*column_names(values), *guessed_shape.columns]))
    guess, corrected = corrected_guess(guessed_shape, columns, options)
    sure = 1.0 if options.encoding else guessed.confidence
    asks = RedditThreads if are_posts(values) else BatchAnswers if are_requests(values) else None
    return SourceInspection(
        source, file_format, encoding, sure, columns, guess, corrected, threads, asks
    )


def _sample_rows(
    source: DataSource, file_format: Format, encoding: str
) -> tuple[list[Any], Joined | None]:
    """Return the first rows' values, and how they are joined if each is a single message."""
    with source.open() as stream:
        parsed = islice(parse(stream, file_format, encoding, source.label), _SAMPLE_ROWS)
        records = [record for record in parsed if not record.fault]
    values = [record.value for record in records]
    reddit = RedditThreads() if is_reddit(values) else None
    batch = BatchAnswers() if are_answers(values) else None
    joined = find_sessions(values) or find_chat(values, source) or find_threads(values)
    threads = reddit or batch or joined
    rows = threads.join(iter(records)) if threads else records
    return [record.value for record in rows if not record.fault], threads


def corrected_guess(
    guess: Guess, columns: tuple[str, ...], options: ReadOptions
) -> tuple[Guess, bool]:
    """Return the guess with your corrections, and whether there were any."""
    mapping = {name: role for name, role in options.columns.items() if name in columns}
    if not mapping and not options.shape:
        return guess, False
    roles = set(mapping.values())
    shape = options.shape or guess.shape
    if not options.shape and mapping:
        if "conversation" in roles:
            shape = guess.shape if guess.shape == "conversations" else "messages"
        elif "text" in roles:
            shape = "text"
        elif shape in ("messages", "conversations", "text", "unknown"):
            shape = "question_answer"
    return Guess(shape, mapping or guess.columns, 1.0), True


def _format_of(source: DataSource, sample: bytes, encoding: str) -> Format:
    """Return the format, by content before name.

    Raises:
        UserFacingError: this is no file of examples.
    """
    if found := _by_magic(source, sample):
        return found
    text = sample.decode(encoding, "replace")
    if source.suffix == ".xml" and is_xml_rows(text):
        return "xml_rows"
    refuse_other_kinds(source, sample, encoding)
    if found := _by_its_beginning(source, sample, text):
        return found
    if source.suffix in _WEB_PAGES:
        return "html"
    if source.suffix == ".txt":
        return _disguised(text) or "text"
    return _TABULAR.get(source.suffix) or _json_kind(text, source)


def _by_its_beginning(source: DataSource, sample: bytes, text: str) -> Format | None:
    """Return the form of a text that no table or document has."""
    ending = source.suffix
    is_prose = ending in (".txt", ".md", ".log")
    forms: tuple[tuple[Format, Callable[[], bool]], ...] = (
        ("mail", lambda: ending in (".mbox", ".eml", ".txt", "") and is_mail(sample)),
        ("subtitles", lambda: ending in (".srt", ".vtt", ".txt") and is_subtitles(text)),
        ("cards", lambda: ending in (".txt", ".md") and is_cards(text)),
        ("chat_page", lambda: ending in _WEB_PAGES and is_chat_page(text)),
        ("dialogue", lambda: is_prose and is_dialogue(text)),
        ("chat", lambda: is_prose and (is_chat(text) or is_headed_chat(text) or is_clocked(text))),
    )
    return next((form for form, found in forms if found()), None)


def _by_magic(source: DataSource, sample: bytes) -> Format | None:
    if sample.startswith(b"PAR1"):
        return "parquet"
    if sample.startswith((b"ARROW1", b"\xff\xff\xff\xff")) and source.suffix in _COLUMNAR:
        return "arrow"
    if source.suffix in (".xlsx", ".xls") and sample[:2] in (b"PK", b"\xd0\xcf"):
        return "xlsx"
    if sample.startswith(b"%PDF") or (source.suffix == ".pdf" and b"%PDF" in sample[:1024]):
        return "pdf"
    if sample[:2] in (b"PK", b"\xd0\xcf"):  # the latter with a password
        return _PACKED_DOCUMENTS.get(source.suffix)
    return None


def _disguised(text: str) -> Format | None:
    """A text file that holds JSON Lines, or a table whose header names question and answer."""
    lines = [line for line in text.lstrip("\ufeff").splitlines()[:20] if line.strip()]
    complete = lines[:-1] if len(lines) > 1 else lines
    if complete and all(map(_is_object_line, complete)) and '":' in complete[0]:
        return "jsonl"
    header = lines[0] if len(lines) > 1 else ""
    for delimiter in "\t;,|":
        names = [name.strip().strip('"') for name in header.split(delimiter)]
        if len(names) > 1 and guess_shape([dict.fromkeys(names, "x")]).confidence > _SURE:
            return "csv"
    pairs = len(complete) > 2 and all(line.strip().count("\t") == 1 for line in complete)
    return "tsv" if pairs else None  # cards of Quizlet or Anki


def _json_kind(text: str, source: DataSource) -> Format:
    """JSON, or JSON Lines, whatever the name says; other text is prose or a table."""
    text = _COMMENTS_ABOVE.sub("", text.lstrip("\ufeff \t\r\n"), count=1)
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if text.startswith("{") and lines[0].rstrip().endswith("}"):
        single = len(lines) == 1
        return "json" if single and source.suffix == ".json" else "jsonl"
    if text.startswith("{") and 2 * sum(map(_is_object_line, lines)) > len(lines):
        return "jsonl"  # only the first line is damaged
    if text.startswith(("{", "[")):
        looked_at = 1 if source.suffix in _LINE_SUFFIXES else 5
        many_lists = len(lines) > 1 and all(_is_list_line(line) for line in lines[:looked_at])
        return "jsonl" if many_lists else "json"
    if source.suffix in _LINE_SUFFIXES:
        return "jsonl"
    if source.suffix == ".json":
        return "json"
    return "text"


def _is_object_line(line: str) -> bool:
    return line.startswith("{") and line.rstrip().endswith("}")


def _is_list_line(line: str) -> bool:
    return line.startswith("[") and line.rstrip().endswith("]")
