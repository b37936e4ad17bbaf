"""From an accepted draft to a dataset version: repair, split, write as one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from core.data.cleaning import Choices, Plan, repaired
from core.data.dataset import (
    EXAMPLES_FILE,
    META_FILE,
    PARTS,
    DatasetVersion,
    VersionMeta,
    frozen_keys,
)
from core.data.draft import Draft, Progress
from core.data.example import Example, from_json, to_json
from core.data.findings.analysis import Analyser
from core.data.findings.components import singletons, unite, unite_equal
from core.data.findings.kinds import BIT, Kind
from core.data.findings.near_copies import NearIndex, unite_near
from core.data.findings.shingles import Shingles
from core.data.readers import Row
from core.data.receipt import RECEIPT_FILE, RECEIPT_PAGE, build_receipt, receipt_page
from core.data.splitting import TEST, PartCodes, SplitOptions, frozen_rows, split
from core.errors import UserFacingError
from core.files import write_json, write_text
from core.transaction import staged_folder

SPLITTING = "Splitting"
WRITING = "Writing"
_PROGRESS_ROWS = 5000
BandProgress = Callable[[int, int], None]
_LARGEST_QUESTION_GROUP = 0.05
_ALREADY_DONE = BIT[Kind.WHITESPACE] | BIT[Kind.BROKEN_TEXT]


@dataclass(frozen=True, slots=True)
class Decided:
    """What the person decided."""

    choices: Choices
    split: SplitOptions


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows that stay, in order, with their part; ``changed`` holds the repaired ones.

    ``identities``, shape ``[rows, 2]``: hashes of each example and of what identifies it.
    """

    rows: NDArray[np.int64]
    parts: PartCodes
    identities: NDArray[np.uint64]
    changed: dict[int, Example]
    plan: Plan


def silent(phase: str, done: int, total: int) -> None:
    """A progress callback that tells nobody."""


def prepare(
    draft: Draft,
    choices: Choices,
    options: SplitOptions,
    versions_dir: Path,
    progress: Progress = silent,
) -> DatasetVersion:
    """Write the dataset version that follows from ``choices``; the same input gives the same one.

    Raises:
        UserFacingError: ``dataset.nothing_kept`` when no example is left, or the disk refuses.
    """
    prepared = _arrange(draft, choices, options, versions_dir, progress)
    content_hash = _hash_of(draft, prepared, progress)
    folder = versions_dir / content_hash
    if not folder.exists():
        _write(draft, Decided(choices, options), prepared, folder, progress)
    return DatasetVersion.load(folder)


def _arrange(
    draft: Draft, choices: Choices, options: SplitOptions, versions_dir: Path, progress: Progress
) -> Prepared:
    """Decide what stays and to which part it belongs."""
    progress(SPLITTING, 0, 0)
    plan = draft.plan(choices)
    changed = dict(_changed_rows(draft, plan, choices))
    keys = _Keys(draft, changed, choices)
    kept = plan.kept
    if choices.is_dropped(Kind.EXACT_DUPLICATE):
        again = keys.new_copies(kept)
        plan.reason[again] = 1 + tuple(Kind).index(Kind.EXACT_DUPLICATE)
        kept = plan.kept
    if not len(kept):
        raise UserFacingError(
            "dataset.nothing_kept",
            "No example is left after cleaning.",
            "Ignore some of the findings, or choose a file with more examples.",
        )
    labels = keys.groups(kept, lambda n, all_: progress(SPLITTING, n, all_))
    identities = keys.identities(kept)
    frozen = frozen_rows(identities, frozen_keys(versions_dir))
    strata = _strata(draft, kept)
    return Prepared(kept, split(labels[kept], strata, options, frozen), identities, changed, plan)


def _strata(draft: Draft, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(draft.facts["task"][rows], dtype=np.int64)


def _changed_rows(draft: Draft, plan: Plan, choices: Choices) -> Iterator[tuple[int, Example]]:
    """Yield the rows whose text is not the stored one."""
    kept = plan.reason == 0
    broken = (draft.facts["kinds"] & np.uint32(BIT[Kind.BROKEN_TEXT])) != 0
    touched = kept & ((plan.repairs != 0) | broken)
    touched[[n for n, c in choices.rows.items() if c.texts]] = True
    for number, line in draft.lines(np.flatnonzero(touched & kept).tolist()):
        example = from_json(orjson.loads(line))
        yield number, repaired(example, int(plan.repairs[number]), choices.rows.get(number))


class _Keys:
    """Hashes of the final texts: those of the scan, made anew where a repair changed more."""

    def __init__(self, draft: Draft, changed: dict[int, Example], choices: Choices) -> None:
        self._draft = draft
        self.key = np.array(draft.facts["key"])
        self.question = np.array(draft.facts["question"])
        self._stale = np.array(sorted(self._needs_new(changed, choices)), dtype=np.int64)
        self._chunk = Analyser().chunk([Row(changed[int(n)]) for n in self._stale], [])
        self.key[self._stale] = self._chunk.facts["key"]
        self.question[self._stale] = self._chunk.facts["question"]
        self.question[self.question == 0] = self.key[self.question == 0]

    def _needs_new(self, changed: dict[int, Example], choices: Choices) -> list[int]:
        """The scan hashed texts with white space and broken letters already repaired."""
        kinds = self._draft.facts["kinds"]
        same = choices.fixed & _ALREADY_DONE == _ALREADY_DONE
        return [
            n
            for n in changed
            if not same or n in choices.rows or int(kinds[n]) & choices.fixed & ~_ALREADY_DONE
        ]

    def new_copies(self, kept: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return kept rows that a repair made equal to an earlier kept row."""
        order = kept[np.argsort(self.key[kept], kind="stable")]
        same = np.append(False, self.key[order][1:] == self.key[order][:-1])
        return np.intersect1d(order[same], self._stale) if len(self._stale) else order[:0]

    def groups(self, kept: NDArray[np.int64], progress: BandProgress) -> NDArray[np.int64]:
        """Return labels of rows that must stay on one side."""
        labels = np.array(self._draft.groups.near)
        labels[self._stale] = self._stale
        if len(self._stale):
            self._regroup_stale(kept, labels, progress)
        unite_equal(labels, self.key, kept)
        _unite_questions(labels, self.question, kept)
        return labels

    def identities(self, kept: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return each row's own hash and that of its question, unless many rows ask the same."""
        own, questions = self.key[kept], self.question[kept]
        return np.stack([own, np.where(_is_rare(questions), questions, own)], axis=1)

    def _regroup_stale(
        self, kept: NDArray[np.int64], labels: NDArray[np.int64], progress: BandProgress
    ) -> None:
        """Look for near copies of the rows whose text is not what the scan compared."""
        old = self._draft.near_index()
        fresh = np.isin(self._stale, kept)
        others = np.setdiff1d(kept, self._stale, assume_unique=True)
        index = NearIndex(
            _joined(old.shingles, others, self._chunk.shingles),
            np.concatenate([old.sketch[others], self._chunk.sketch]),
            np.concatenate([old.bands[others], self._chunk.bands]),
        )
        stale = len(others) + np.flatnonzero(fresh)
        places = np.concatenate([np.arange(len(others)), stale])
        found = singletons(len(index.sketch))
        threshold = self._draft.summary.options.near_threshold
        unite_near(index, places, found, threshold, progress, focus=stale)
        rows = np.concatenate([others, self._stale])
        unite(labels, rows, rows[found])


def _joined(old: Shingles, rows: NDArray[np.int64], new: Shingles) -> Shingles:
    lengths = np.diff(old.offsets)[rows]
    begins = old.offsets[rows]
    places = np.arange(lengths.sum()) + np.repeat(begins - np.cumsum(lengths) + lengths, lengths)
    values = np.concatenate([old.values[places], new.values])
    sizes = np.concatenate([lengths, np.diff(new.offsets)])
    return Shingles(values, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


def _unite_questions(
    labels: NDArray[np.int64], questions: NDArray[np.uint64], kept: NDArray[np.int64]
) -> None:
    """Keep rows with the same question together, unless that question is asked everywhere."""
    unite_equal(labels, questions, kept[_is_rare(questions[kept])])


def _is_rare(questions: NDArray[np.uint64]) -> NDArray[np.bool_]:
    _, index, counts = np.unique(questions, return_inverse=True, return_counts=True)
    rare: NDArray[np.bool_] = counts <= max(2, _LARGEST_QUESTION_GROUP * len(questions))
    return rare[index.reshape(-1)]


def _records(draft: Draft, prepared: Prepared, progress: Progress, phase: str) -> Iterator[bytes]:
    """Yield the lines of ``examples.jsonl``."""
    endings = [b',"part":"' + name.encode() + b'"}\n' for name in PARTS]
    total = len(prepared.rows)
    for place, (number, line) in enumerate(draft.lines(prepared.rows.tolist())):
        example = prepared.changed.get(number)
        body = line.rstrip(b"\n") if example is None else orjson.dumps(to_json(example))
        yield body[:-1] + endings[prepared.parts[place]]
        if place % _PROGRESS_ROWS == 0:
            progress(phase, place, total)


def _hash_of(draft: Draft, prepared: Prepared, progress: Progress) -> str:
    digest = hashlib.sha256()
    for record in _records(draft, prepared, progress, SPLITTING):
        digest.update(record)
    return digest.hexdigest()[:32]


def _write(
    draft: Draft, decided: Decided, prepared: Prepared, folder: Path, progress: Progress
) -> None:
    counts = np.bincount(prepared.parts, minlength=len(PARTS))
    meta = VersionMeta(
        content_hash=folder.name,
        counts={name: int(count) for name, count in zip(PARTS, counts, strict=True)},
        seed=decided.split.seed,
        held_out=decided.split.held_out,
        near_threshold=draft.summary.options.near_threshold,
        test_keys=tuple(np.unique(prepared.identities[prepared.parts == TEST]).tolist()),
    )
    receipt = build_receipt(draft, decided.choices, prepared.plan, prepared.changed, meta)
    with staged_folder(folder) as staging:
        with (staging / EXAMPLES_FILE).open("wb") as stream:
            stream.writelines(_records(draft, prepared, progress, WRITING))
        write_json(staging / META_FILE, meta.model_dump(mode="json"), durable=False)
        write_json(staging / RECEIPT_FILE, receipt.model_dump(mode="json"), durable=False)
        write_text(staging / RECEIPT_PAGE, receipt_page(receipt), durable=False)
