"""The scan: read every row of some files into a draft and find what may be wrong with them."""

from __future__ import annotations

import shutil
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.cleaning import Groups
from core.data.draft import (
    PROBLEMS_SHOWN,
    DraftFiles,
    DraftSummary,
    Problem,
    Progress,
    ScanOptions,
    SourceSummary,
    mapped_values,
    new_draft_folder,
    publish,
)
from core.data.draft_rows import decode
from core.data.example import BadRow, Example
from core.data.findings import population
from core.data.findings.analysis import FACTS
from core.data.findings.frames import Frame, find_frames, has_frame
from core.data.findings.kinds import BIT, Kind
from core.data.findings.near.components import first_of_equal, singletons, unite_equal
from core.data.findings.near.copies import NearIndex, unite_near
from core.data.findings.near.shingles import BANDS, PERMUTATIONS, Shingles
from core.data.findings.pool import CHUNK_CHARACTERS, CHUNK_ROWS, analysed
from core.data.readers import Inspection, Row, inspect_sources, read_rows
from core.data.readers.exports.reddit import RedditThreads
from core.data.readers.ledger import Ledger
from core.data.readers.sources import ReadMeter
from core.errors import UserFacingError
from core.language import N_, _
from core.storage.files import explained_io, sha256_of

_FRAME_SAMPLE = 2000  # answers
_WORTH_WORKERS = 16 << 20  # bytes of files from which worker processes pay off

READING = N_("Reading and checking")
COMPARING = N_("Looking for copies")
SUMMING_UP = N_("Summing up")


def silent(phase: str, done: int, total: int) -> None:
    """A progress callback that tells nobody."""


def scan(
    paths: Iterable[Path | str], options: ScanOptions, draft_dir: Path, progress: Progress = silent
) -> DraftSummary:
    """Read all rows of ``paths`` into a new draft and compute every finding.

    The original files are only read. When ``progress`` raises, nothing of the new draft remains.

    Raises:
        UserFacingError: no file can be read, or none holds a single row.
    """
    inspection = inspect_sources(paths, options.read)
    files = new_draft_folder(draft_dir)
    try:
        with explained_io(files.folder):
            collected = _Collector(files)
            collected.read(inspection, progress)
            summary = _finish(collected, inspection, options, progress)
            publish(draft_dir, files, summary)
    except BaseException:
        shutil.rmtree(files.folder, ignore_errors=True)
        raise
    return summary


def _nothing_in(inspection: Inspection) -> UserFacingError:
    what = _("The files you chose contain no rows.")
    if any(isinstance(looked.threads, RedditThreads) for looked in inspection.sources):
        what = _("None of these comments answers a post or comment in the files you chose.")
        todo = _("Choose the file with the posts together with the file with the comments.")
        return UserFacingError("dataset.empty", what, todo)
    todo = _("Choose a file that holds questions and answers.")
    return UserFacingError("dataset.empty", what, todo)


_MOST_SPEAKERS = 100


class _Collector:
    """Writes chunks to the draft's files while the rows are read."""

    def __init__(self, files: DraftFiles) -> None:
        self.files = files
        self.problems: list[Problem] = []
        self.rows_by_label: dict[str, int] = {}
        self.documents = array("q")
        self.ledger = Ledger()
        self.facts = np.zeros(0, dtype=FACTS)
        self.index = NearIndex(
            Shingles(np.zeros(0, dtype=np.uint32), np.zeros(1, dtype=np.int64)),
            np.zeros((0, PERMUTATIONS), dtype=np.uint8),
            np.zeros((0, BANDS), dtype=np.uint32),
        )

    def read(self, inspection: Inspection, progress: Progress) -> None:
        paths = {looked.source.path for looked in inspection.sources}
        done, size = 0, sum(path.stat().st_size for path in paths)
        parts: list[tuple[NDArray[np.void], NDArray[np.uint8], NDArray[np.uint32]]] = []
        sizes: list[NDArray[np.int64]] = []
        lengths: list[NDArray[np.int64]] = []
        with self.files.rows.open("wb") as rows_file, self.files.shingles.open("wb") as words_file:
            meter = ReadMeter()
            chunks = _chunks(read_rows(inspection, meter, self.ledger))
            for rows, chunk in analysed(chunks, parallel=size > _WORTH_WORKERS):
                self._note(rows)
                rows_file.write(b"".join(chunk.lines))
                chunk.shingles.values.tofile(words_file)
                parts.append((chunk.facts, chunk.sketch, chunk.bands))
                sizes.append(np.diff(chunk.shingles.offsets))
                lengths.append(np.fromiter(map(len, chunk.lines), dtype=np.int64))
                done += len(rows)
                progress(READING, done, expected_rows(done, meter.bytes_read, size))
        if not done:
            raise _nothing_in(inspection)
        self._store(parts, sizes, lengths)

    def _note(self, rows: list[Row]) -> None:
        for row in rows:
            source = row.item.source
            self.rows_by_label[source.file] = self.rows_by_label.get(source.file, 0) + 1
            self.documents.append(len(self.documents) - row.piece)
            if isinstance(row.item, BadRow) and len(self.problems) < PROBLEMS_SHOWN:
                self.problems.append(
                    Problem(file=source.file, line=source.line, reason=row.item.reason)
                )

    def rows_in(self, label: str) -> int:
        """Return how many rows a file gave; a workbook's sheets have names below its own."""
        if label in self.rows_by_label:
            return self.rows_by_label[label]
        below = f"{label}/"
        counts = self.rows_by_label.items()
        return sum(count for name, count in counts if name.startswith(below))

    def _store(
        self,
        parts: list[tuple[NDArray[np.void], NDArray[np.uint8], NDArray[np.uint32]]],
        sizes: list[NDArray[np.int64]],
        lengths: list[NDArray[np.int64]],
    ) -> None:
        self.facts = np.concatenate([part[0] for part in parts])
        sketch = np.concatenate([part[1] for part in parts])
        bands = np.concatenate([part[2] for part in parts])
        parts.clear()
        offsets = _offsets(sizes)
        np.save(self.files.offsets, _offsets(lengths))
        np.save(self.files.shingle_offsets, offsets)
        np.save(self.files.sketch, sketch)
        np.save(self.files.bands, bands)
        self.index = NearIndex(Shingles(mapped_values(self.files.shingles), offsets), sketch, bands)


def expected_rows(done: int, bytes_read: int, size: int) -> int:
    """Return about how many rows there are, from the share of the bytes that was read."""
    return max(done, round(done * size / bytes_read)) if bytes_read else 0


def _offsets(sizes: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows in portions that stay small whether rows are many or long."""
    chunk: list[Row] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += row.item.characters
        if len(chunk) == CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _finish(
    collected: _Collector, inspection: Inspection, options: ScanOptions, progress: Progress
) -> DraftSummary:
    facts = collected.facts
    groups = find_groups(
        facts, collected.index, options.near_threshold, lambda n, all_: progress(COMPARING, n, all_)
    )
    progress(SUMMING_UP, 0, 0)
    mark_population(facts, groups, options.max_tokens)
    files = collected.files
    frames = mark_frames(files, facts)
    np.save(files.facts, facts)
    np.save(files.exact, groups.exact)
    np.save(files.near, groups.near)
    np.save(files.question, groups.question)
    documents = np.array(collected.documents)
    if (documents != np.arange(len(documents))).any():
        np.save(files.documents, documents)
    summary = _summary(collected, inspection, options, progress)
    return summary.model_copy(update={"frames": frames})


def mark_frames(files: DraftFiles, facts: NDArray[np.void]) -> tuple[Frame, ...]:
    """Look for greetings and signatures in a sample; set, in place, the bits of rows with one."""
    good = np.flatnonzero(population.good_rows(facts))
    some = np.random.default_rng(0).permutation(len(good))[:_FRAME_SAMPLE]  # files have rhythms
    sample = good[np.sort(some)]
    found = find_frames([answer for _row, answer in _answers(files, sample)])
    if not found:
        return ()
    counts = Counter[Frame]()
    for row, answer in _answers(files, good):
        mine = [frame for frame in found if has_frame(answer, (frame,))]
        if mine:
            facts["kinds"][row] |= np.uint32(BIT[Kind.FRAME])
            counts.update(mine)
    return tuple(frame.model_copy(update={"count": counts[frame]}) for frame in found)


def _answers(files: DraftFiles, rows: NDArray[np.int64]) -> Iterator[tuple[int, str]]:
    offsets = np.load(files.offsets, mmap_mode="r")
    with files.rows.open("rb") as stream:
        for row in rows.tolist():
            stream.seek(int(offsets[row]))
            item = decode(stream.readline())
            if isinstance(item, Example):
                yield row, item.answer


def find_groups(
    facts: NDArray[np.void],
    index: NearIndex,
    threshold: float,
    progress: Callable[[int, int], None],
) -> Groups:
    """Return the groups of copies, near copies and contradictions."""
    exact = first_of_equal(facts["key"])
    good = population.good_rows(facts)
    unique = np.flatnonzero((exact == np.arange(len(facts))) & good)
    near = singletons(len(facts))
    unite_near(index, unique, near, threshold, progress)
    unite_equal(near, facts["key"], np.flatnonzero(good))
    return Groups(exact, near, population.conflicts(facts, unique, near))


def mark_population(facts: NDArray[np.void], groups: Groups, max_tokens: int) -> None:
    """Set, in place, the bits of the findings that need a look at all rows."""
    own = np.arange(len(facts))
    good = population.good_rows(facts)
    copies = good & (groups.exact != own)
    found = {
        Kind.EXACT_DUPLICATE: copies,
        Kind.NEAR_DUPLICATE: good & (groups.near != own) & ~copies,
        Kind.CONFLICT: groups.question >= 0,
        Kind.OUTLIER: population.outliers(facts),
        Kind.LANGUAGE: population.foreign_languages(facts),
        Kind.MIXED_FORMAT: population.mixed_formats(facts),
        Kind.TOO_LONG: population.too_long(facts, max_tokens),
    }
    for kind, rows in found.items():
        facts["kinds"][rows] |= np.uint32(BIT[kind])


def _summary(
    collected: _Collector, inspection: Inspection, options: ScanOptions, progress: Progress
) -> DraftSummary:
    kinds = collected.facts["kinds"]
    digests = _digests({looked.source.path for looked in inspection.sources}, progress)
    counts = {kind: int(((kinds & BIT[kind]) != 0).sum()) for kind in Kind}
    return DraftSummary(
        rows=len(kinds),
        format=inspection.format,
        shape=inspection.shape,
        columns=inspection.columns,
        mapping=dict(inspection.mapping),
        confidence=inspection.confidence,
        encoding=inspection.encoding,
        findings={kind: count for kind, count in counts.items() if count},
        problems=tuple(collected.problems),
        sources=tuple(
            SourceSummary(
                path=str(looked.source.path),
                label=looked.source.label,
                sha256=digests[looked.source.path],
                format=looked.format,
                encoding=looked.encoding,
                shape=looked.guess.shape,
                rows=collected.rows_in(looked.source.label),
            )
            for looked in inspection.sources
        ),
        options=options,
        notices=collected.ledger.notices(),
        speakers=dict(collected.ledger.speakers.unknown.most_common(_MOST_SPEAKERS)),
        unused={name: round(share, 4) for name, share in collected.ledger.shares().items()},
    )


def _digests(paths: set[Path], progress: Progress) -> dict[Path, str]:
    digests = {}
    for number, path in enumerate(paths):
        progress(SUMMING_UP, number, len(paths))
        digests[path] = sha256_of(path)
    return digests
