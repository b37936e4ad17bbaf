"""Findings that need a look at all rows: lengths, languages, formats, conflicting answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.findings.kinds import BIT, Kind
from core.data.findings.language import UNKNOWN

Facts = NDArray[np.void]
Mask = NDArray[np.bool_]

_ENOUGH_FOR_OUTLIERS = 50
_ENOUGH_FOR_MAJORITY = 20
_MAJORITY = 0.85
_MAJORITY_OF_FORMATS = 0.6
_DEVIATIONS = 6.0
_GIANT = 6.0  # times as long as nearly all: the percentile, which a few giants do not move
_USUAL = 95
_BAD = BIT[Kind.MALFORMED_ROW] | BIT[Kind.EMPTY] | BIT[Kind.UNLEARNABLE]


def good_rows(facts: Facts) -> Mask:
    """Return which rows are examples with a question and an answer."""
    good: Mask = (facts["kinds"] & _BAD) == 0
    return good


def outliers(facts: Facts) -> Mask:
    """Rows whose length is far from what most rows have, on a logarithmic scale."""
    good = good_rows(facts)
    result = np.zeros(len(facts), dtype=bool)
    if good.sum() < _ENOUGH_FOR_OUTLIERS:
        return result
    for name in ("characters", "answer_characters"):
        lengths = np.log1p(facts[name].astype(np.float64))
        middle = np.median(lengths[good])
        spread = max(1.4826 * float(np.median(np.abs(lengths[good] - middle))), 0.3)
        far = lengths - middle > _DEVIATIONS * spread
        if name == "characters":  # a short answer alone is often all there is to say
            far |= middle - lengths > _DEVIATIONS * spread
        giant = facts[name] > _GIANT * np.percentile(facts[name][good], _USUAL)
        result |= good & (far | giant)
    return result


def foreign_languages(facts: Facts) -> Mask:
    """Rows in another language than nearly all others, unless the question asks for it."""
    good = good_rows(facts) & ~facts["language_task"]
    result = np.zeros(len(facts), dtype=bool)
    for name in ("language", "answer_language"):
        known = good & (facts[name] != UNKNOWN)
        if known.sum() < _ENOUGH_FOR_MAJORITY:
            continue
        counts = np.bincount(facts[name][known])
        main = int(counts.argmax())
        if counts[main] >= _MAJORITY * known.sum():
            result |= known & (facts[name] != main)
    return result


def mixed_formats(facts: Facts) -> Mask:
    """Rows of another shape than their file, and JSON answers among plain ones or the reverse."""
    result: Mask = facts["foreign"].copy()
    good = good_rows(facts) & ~facts["wants_json"]
    if good.sum() < _ENOUGH_FOR_MAJORITY:
        return result
    share = facts["is_json"][good].mean()
    if 0 < share <= 1 - _MAJORITY_OF_FORMATS:
        result |= good & facts["is_json"]
    elif _MAJORITY_OF_FORMATS <= share < 1:
        result |= good & ~facts["is_json"]
    return result


def too_long(facts: Facts, max_tokens: int) -> Mask:
    """Rows that are longer than ``max_tokens`` by the estimate."""
    result: Mask = facts["tokens"] > max_tokens
    return result


def conflicts(
    facts: Facts, unique: NDArray[np.int64], near: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each row the first row with the same question and another answer, else -1.

    Args:
        unique: rows to compare, each text only once.
        near: labels of near copies; near copies do not contradict each other.
    """
    first = np.full(len(facts), -1, dtype=np.int64)
    rows = unique[(facts["question"][unique] != 0) & good_rows(facts)[unique]]
    if not len(rows):
        return first
    rows = rows[np.argsort(facts["question"][rows], kind="stable")]
    questions = facts["question"][rows]
    begins = np.flatnonzero(np.append(True, questions[1:] != questions[:-1]))
    group = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(rows))))
    differ = _varies(facts["answer"][rows], begins) & _varies(near[rows], begins)
    first[rows] = np.where(differ[group], rows[begins][group], -1)
    return first


def _varies(values: NDArray[np.generic], begins: NDArray[np.int64]) -> Mask:
    """Return whether the values between one beginning and the next are not all the same."""
    least, most = np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)
    return np.asarray(least != most, dtype=np.bool_)
