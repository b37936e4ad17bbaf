"""The draft: all rows that were read and everything found in them, before you accept it.

A draft lies in a folder of its own inside the project's draft folder; ``draft.json`` names the
current one. Rows are lines of ``rows.jsonl`` reached through an index of offsets; what is known
about each row is in numpy arrays, mapped and not loaded, so that a million rows open at once.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data.cleaning import Choices, CleaningPlan, Groups, RowChoice, make_plan, repaired
from core.data.draft_rows import decode
from core.data.example import BadRow, Example
from core.data.findings.analysis import FACTS
from core.data.findings.frames import Frame
from core.data.findings.kinds import BIT, Kind
from core.data.findings.near.copies import NearIndex
from core.data.findings.near.shingles import BANDS, PERMUTATIONS, Shingles
from core.data.readers import ReadOptions
from core.data.readers.ledger import Notice
from core.errors import UserFacingError
from core.language import _
from core.storage.arrays import mapped
from core.storage.files import explained_io, fsync_contents, make_folder, read_json, write_json
from core.storage.names import is_name
from core.storage.ordinary import is_ordinary_file, open_to_read
from core.storage.recorded import Recorded

Progress = Callable[[str, int, int], None]
"""Told the phase, what is done and the total (0 while unknown); may raise to cancel."""

_POINTER = "draft.json"
_FORMAT = 1
_LONGEST_LINE = 256 << 20  # bytes
PROBLEMS_SHOWN = 1000


class Problem(BaseModel):
    """A row that could not be read."""

    model_config = ConfigDict(frozen=True)

    file: str
    line: int
    reason: Recorded


class SourceSummary(BaseModel):
    """A file that was read: its SHA-256, how it was read, and how many rows it gave."""

    model_config = ConfigDict(frozen=True)

    path: str
    label: str
    sha256: str
    format: str
    encoding: str
    shape: str
    rows: int = 0


class ScanOptions(BaseModel):
    """How to read and what to look for.

    Attributes:
        read: corrections of what was guessed.
        near_threshold: Jaccard similarity from which two examples are near copies; below 0.7 too
            many would be overlooked.
        max_tokens: length from which an example is too long.
    """

    model_config = ConfigDict(frozen=True)

    read: ReadOptions = Field(default_factory=ReadOptions)
    near_threshold: float = Field(default=0.8, ge=0.7, le=1.0)
    max_tokens: int = Field(default=2048, ge=16)


class DraftSummary(BaseModel):
    """What a scan found, in a few figures.

    Attributes:
        rows: all rows that were read, good or bad.
        findings: kind → number of rows; kinds without rows are absent.
        problems: the first rows that could not be read.
        notices: what was left out, and what was guessed, in sentences.
        unused: share of all text for each column that plays no role.
        frames: greetings and signatures of many answers.
        speakers: turns of each speaker of whom it is not known whether the model learns from them.
    """

    model_config = ConfigDict(frozen=True)

    rows: int
    format: str
    shape: str
    columns: tuple[str, ...]
    mapping: dict[str, str]
    confidence: float
    encoding: str
    findings: dict[Kind, int]
    problems: tuple[Problem, ...]
    sources: tuple[SourceSummary, ...]
    options: ScanOptions
    notices: tuple[Notice, ...] = ()
    unused: dict[str, float] = Field(default_factory=dict)
    speakers: dict[str, int] = Field(default_factory=dict)
    frames: tuple[Frame, ...] = ()


class DraftFiles:
    """The names of a draft's files.

    Attributes:
        replaces: the drafts' folders that were there before this one.
    """

    def __init__(self, folder: Path, replaces: tuple[Path, ...] = ()) -> None:
        self.folder, self.replaces = folder, replaces
        self.rows = folder / "rows.jsonl"
        self.offsets = folder / "offsets.npy"
        self.facts = folder / "facts.npy"
        self.exact = folder / "exact.npy"
        self.near = folder / "near.npy"
        self.question = folder / "question.npy"
        self.documents = folder / "documents.npy"  # only where long texts are in pieces
        self.sketch = folder / "sketch.npy"
        self.bands = folder / "bands.npy"
        self.shingles = folder / "shingles.bin"
        self.shingle_offsets = folder / "shingle_offsets.npy"


def new_draft_folder(draft_dir: Path) -> DraftFiles:
    """Make the folder for a new draft; the current one stays until it is replaced."""
    folder = draft_dir / f"scan-{uuid4().hex[:12]}"
    with explained_io(draft_dir):
        replaces = tuple(draft_dir.glob("scan-*"))
        make_folder(folder)
    return DraftFiles(folder, replaces)


def publish(draft_dir: Path, files: DraftFiles, summary: DraftSummary) -> None:
    """Make ``files`` the current draft and remove the ones that were there before it was begun.

    One that was begun later stays: another scan may be writing it at this moment. It is flushed
    to the disk first: a power cut must not leave a name that leads to empty files.
    """
    fsync_contents(files.folder)
    record = {
        "format": _FORMAT,
        "folder": files.folder.name,
        "summary": summary.model_dump(mode="json"),
    }
    write_json(draft_dir / _POINTER, record)
    for folder in files.replaces:
        shutil.rmtree(folder, ignore_errors=True)


def clear(draft_dir: Path) -> None:
    """Forget the draft."""
    (draft_dir / _POINTER).unlink(missing_ok=True)
    for folder in draft_dir.glob("scan-*"):
        shutil.rmtree(folder, ignore_errors=True)


class Draft:
    """The current draft of a project, read only; use as a context manager or call ``close``.

    Attributes:
        summary: the figures of the scan.
        facts: what is known about each row (``core.data.findings.analysis.FACTS``).
        groups: labels of copies, near copies and contradictions.
        documents: for each row the first piece of the text that it is a piece of; ``None`` where
            no text is in pieces.

    Raises:
        UserFacingError: code ``draft.missing`` when nothing was scanned yet.
    """

    def __init__(self, draft_dir: Path) -> None:
        self._rows_of: dict[Kind, NDArray[np.int64]] = {}
        while True:
            self.summary, files = _current(draft_dir)
            try:
                self._open(files)
            except UserFacingError:
                if _current(draft_dir)[1].folder == files.folder:
                    raise
                continue  # a scan that ended at this moment has replaced it
            return

    def _open(self, files: DraftFiles) -> None:
        self._files = files
        with explained_io(files.folder):
            try:
                self.facts = mapped(files.facts, FACTS)
                count = len(self.facts)
                self._offsets = mapped(files.offsets, np.int64, (count + 1,))
                exact, near = _labels(files.exact, count), _labels(files.near, count)
                self.groups = Groups(exact, near, _labels(files.question, count))
                cut = files.documents.exists()
                self.documents = _labels(files.documents, count) if cut else None
                self._stream: IO[bytes] = open_to_read(files.rows)
            except (ValueError, FileNotFoundError) as error:
                raise _damaged(str(error)) from error

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_exit: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file of rows."""
        self._stream.close()

    @property
    def folder(self) -> Path:
        """Where the draft's files lie."""
        return self._files.folder

    @property
    def name(self) -> str:
        """A name that no other draft has; choices belong to it."""
        return self._files.folder.name

    def __len__(self) -> int:
        return len(self.facts)

    def line(self, row: int) -> bytes:
        """Return a row's line as it is stored."""
        return next(line for _row, line in self.lines([row]))

    def row(self, row: int) -> Example | BadRow:
        """Return one row, as it was read."""
        return decode(self.line(row))

    def lines(self, rows: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """Yield row numbers and stored lines; fast for ascending numbers."""
        place = -1
        for row in rows:
            begin, end = int(self._offsets[row]), int(self._offsets[row + 1])
            if not 0 <= begin <= end <= begin + _LONGEST_LINE:
                raise _damaged(f"row {row}: bytes {begin} to {end}")  # not shown: technical details
            if begin != place:
                self._stream.seek(begin)
            yield row, self._stream.read(end - begin)
            place = end

    def rows_of(self, kind: Kind) -> NDArray[np.int64]:
        """Return the numbers of the rows with a finding of this kind."""
        if kind not in self._rows_of:
            self._rows_of[kind] = np.flatnonzero(self.facts["kinds"] & np.uint32(BIT[kind]))
        return self._rows_of[kind]

    def relative(self, row: int, kind: Kind) -> int:
        """Return the row that ``row`` copies, nearly copies or contradicts, or -1."""
        labels = {
            Kind.EXACT_DUPLICATE: self.groups.exact,
            Kind.NEAR_DUPLICATE: self.groups.near,
            Kind.CONFLICT: self.groups.question,
        }.get(kind)
        if labels is None or labels[row] == row:
            return -1
        return int(labels[row])

    def plan(self, choices: Choices) -> CleaningPlan:
        """Return what ``choices`` mean for every row."""
        return make_plan(self.facts, self.groups, choices)

    def before_after(self, row: int, kind: Kind) -> tuple[Example | BadRow, Example | None]:
        """Return a row as it came and as the fix of ``kind`` would leave it.

        ``None`` means that the row would be left out.
        """
        before = self.row(row)
        if isinstance(before, BadRow):
            return before, None
        hopeless = int(self.facts["hopeless"][row]) & BIT[kind]
        if not BIT[kind] & _REPAIRABLE or hopeless:
            return repaired(before, 0), None
        return repaired(before, 0), self.repaired(before, BIT[kind])

    def repaired(self, item: Example, repairs: int, choice: RowChoice | None = None) -> Example:
        """Return one of the examples with these repairs, or as a person edited it."""
        return repaired(item, repairs, choice, self.summary.frames)

    def near_index(self) -> NearIndex:
        """Return what near copies are found with, mapped from the disk."""
        files = self._files
        count = len(self)
        try:
            with explained_io(files.folder):
                values = mapped_values(files.shingles)
                shingles = Shingles(values, mapped(files.shingle_offsets, np.int64, (count + 1,)))
                sketch = mapped(files.sketch, np.uint8, (count, PERMUTATIONS))
                return NearIndex(shingles, sketch, mapped(files.bands, np.uint32, (count, BANDS)))
        except ValueError as error:
            raise _damaged(str(error)) from error


_REPAIRABLE = sum(
    BIT[k]
    for k in (
        Kind.WHITESPACE,
        Kind.BROKEN_TEXT,
        Kind.HTML,
        Kind.MIXED_FORMAT,
        Kind.ROLE_ORDER,
        Kind.SECRET,
        Kind.PERSONAL_DATA,
        Kind.FRAME,
    )
)


def mapped_values(shingles: Path) -> NDArray[np.uint32]:
    """Return the values of a draft's shingles, mapped and not loaded."""
    if not shingles.stat().st_size:
        return np.zeros(0, dtype=np.uint32)
    return np.memmap(shingles, dtype=np.uint32, mode="r")


def _labels(path: Path, count: int) -> NDArray[np.int64]:
    """Labels are places of rows, or -1."""
    labels: NDArray[np.int64] = mapped(path, np.int64, (count,))
    if count and not -1 <= labels.min() <= labels.max() < count:
        raise ValueError(f"{path.name} leads to rows that are not there")
    return labels


def _damaged(details: str) -> UserFacingError:
    return UserFacingError(
        "draft.damaged",
        _("The stored examples are damaged."),
        _("Choose your file of examples again."),
        details,
    )


def _current(draft_dir: Path) -> tuple[DraftSummary, DraftFiles]:
    with contextlib.suppress(KeyError, TypeError, ValidationError, UserFacingError):
        record = read_json(draft_dir / _POINTER)
        if not is_name(record["folder"]):
            raise KeyError("folder")
        files = DraftFiles(draft_dir / record["folder"])
        if record["format"] == _FORMAT and is_ordinary_file(files.facts):
            return DraftSummary.model_validate(record["summary"]), files
    raise UserFacingError(
        "draft.missing",
        _("No examples have been read yet."),
        _("Choose a file of examples first."),
    )


def has_draft(draft_dir: Path) -> bool:
    """Return whether a scan has left a readable draft."""
    try:
        _current(draft_dir)
    except UserFacingError:
        return False
    return True
