"""Which rows belong together when their texts are final, and which outsiders resemble them.

The scan compared the rows as they came; repairs and edits change some, so these are compared again.
Outsiders are examples that are not in the draft: test questions of earlier versions, general
examples, examples to rehearse. None of them may have a near copy on another side of the split.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.cleaning import Choices
from core.data.draft import Draft
from core.data.example import Example
from core.data.findings.analysis import Analyser, Chunk
from core.data.findings.kinds import BIT, Kind
from core.data.findings.near.components import singletons, unite, unite_equal
from core.data.findings.near.copies import NearIndex, unite_near
from core.data.findings.near.shingles import Shingles
from core.data.readers import Row

BandProgress = Callable[[int, int], None]
_LARGEST_QUESTION_GROUP = 0.1
_SMALL_QUESTION_GROUP = 20
_ALREADY_DONE = BIT[Kind.WHITESPACE] | BIT[Kind.BROKEN_TEXT]


Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Relations:
    """Labels of kept rows and of outsiders: who has the same label belongs together."""

    kept: NDArray[np.int64]
    external: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is compared: number in the draft (-1 for strangers), key and question of each."""

    number: Rows
    key: NDArray[np.uint64]
    question: NDArray[np.uint64]


class Deduplicator:
    """Hashes of the final texts: those of the scan, made again where a repair changed more."""

    def __init__(self, draft: Draft, changed: Mapping[int, Example], choices: Choices) -> None:
        self._draft = draft
        self.key = np.array(draft.facts["key"])
        self.question = np.array(draft.facts["question"])
        self._stale = np.array(sorted(self._needs_new(changed, choices)), dtype=np.int64)
        self._chunk = Analyser().chunk([Row(changed[int(n)]) for n in self._stale], [])
        self.key[self._stale] = self._chunk.facts["key"]
        self.question[self._stale] = self._chunk.facts["question"]
        self.question[self.question == 0] = self.key[self.question == 0]

    def _needs_new(self, changed: Mapping[int, Example], choices: Choices) -> list[int]:
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

    def groups(self, kept: Rows, progress: BandProgress) -> Rows:
        """Return labels of rows that must stay on one side."""
        labels = np.array(self._draft.groups.near)
        labels[self._stale] = self._stale
        if len(self._stale):
            self._regroup_stale(kept, labels, progress)
        unite_equal(labels, self.key, kept)
        _unite_questions(labels, self.question, kept)
        if self._draft.documents is not None:
            unite(labels, kept, self._draft.documents[kept])
        return labels

    def identities(self, kept: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return each row's own hash and that of its question, unless many rows ask the same."""
        own, questions = self.key[kept], self.question[kept]
        return np.stack([own, np.where(_is_rare(questions), questions, own)], axis=1)

    def external(
        self, kept: NDArray[np.int64], examples: Sequence[Example], progress: BandProgress
    ) -> Relations:
        """Return which of ``examples``, which are not in the draft, resemble which kept rows."""
        index, rows, places = self._index(kept, Analyser().chunk([Row(e) for e in examples], []))
        external = places[-len(examples) :] if examples else places[:0]
        labels = self._near(index, places, external, progress)
        unite_equal(labels, rows.key, places)
        common = np.unique(self.question[kept[~_is_rare(self.question[kept])]])
        unite_equal(labels, rows.question, places[~np.isin(rows.question[places], common)])
        of_row = np.full(len(self.key), -1, dtype=np.int64)
        own = rows.number >= 0
        of_row[rows.number[own]] = labels[own]
        return Relations(of_row[kept], labels[external])

    def _regroup_stale(
        self, kept: NDArray[np.int64], labels: NDArray[np.int64], progress: BandProgress
    ) -> None:
        """Look for near copies of the rows whose text is not what the scan compared."""
        index, rows, places = self._index(kept, None)
        stale = places[np.isin(rows.number[places], self._stale)]
        found = self._near(index, places, stale, progress)
        unite(labels, rows.number, rows.number[found])

    def _near(
        self, index: NearIndex, places: Rows, focus: Rows, progress: BandProgress
    ) -> NDArray[np.int64]:
        labels = singletons(len(index.sketch))
        threshold = self._draft.summary.options.near_threshold
        unite_near(index, places, labels, threshold, progress, focus=focus)
        return labels

    def _index(
        self, kept: NDArray[np.int64], external: Chunk | None
    ) -> tuple[NearIndex, _Rows, Rows]:
        """Return what is compared, whose it is, and the places that take part.

        Kept rows as the scan left them come first, then changed ones, then strangers.
        """
        old = self._draft.near_index()
        others = np.setdiff1d(kept, self._stale, assume_unique=True)
        chunks = [self._chunk] if external is None else [self._chunk, external]
        shingles = _joined(old.shingles, others, [chunk.shingles for chunk in chunks])
        index = NearIndex(
            shingles,
            np.concatenate([old.sketch[others], *(chunk.sketch for chunk in chunks)]),
            np.concatenate([old.bands[others], *(chunk.bands for chunk in chunks)]),
        )
        number = np.full(len(index.sketch), -1, dtype=np.int64)
        number[: len(others) + len(self._stale)] = np.concatenate([others, self._stale])
        rows = _Rows(number, self._of(number, "key"), self._of(number, "question"))
        if external is not None:
            first = len(others) + len(self._stale)
            rows.key[first:] = external.facts["key"]
            rows.question[first:] = external.facts["question"]
        takes_part = (number < 0) | np.isin(number, kept)
        return index, rows, np.flatnonzero(takes_part)

    def _of(self, number: Rows, name: str) -> NDArray[np.uint64]:
        values: NDArray[np.uint64] = getattr(self, name)
        return np.where(number >= 0, values[number], 0).astype(np.uint64)


def _joined(old: Shingles, rows: Rows, new: Sequence[Shingles]) -> Shingles:
    lengths = np.diff(old.offsets)[rows]
    begins = old.offsets[rows]
    places = np.arange(lengths.sum()) + np.repeat(begins - np.cumsum(lengths) + lengths, lengths)
    values = np.concatenate([old.values[places], *(some.values for some in new)])
    sizes = np.concatenate([lengths, *(np.diff(some.offsets) for some in new)])
    return Shingles(values, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


def _unite_questions(
    labels: NDArray[np.int64], questions: NDArray[np.uint64], kept: NDArray[np.int64]
) -> None:
    """Keep rows with the same question together, unless that question is asked everywhere."""
    unite_equal(labels, questions, kept[_is_rare(questions[kept])])


def _is_rare(questions: NDArray[np.uint64]) -> NDArray[np.bool_]:
    _, index, counts = np.unique(questions, return_inverse=True, return_counts=True)
    most = max(_SMALL_QUESTION_GROUP, _LARGEST_QUESTION_GROUP * len(questions))
    rare: NDArray[np.bool_] = counts <= most
    return rare[index.reshape(-1)]
