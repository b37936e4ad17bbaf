"""Scores of two models on the same examples, each with the interval of its change.

Every score is computed from figures of single examples: nats and tokens, counts of n-grams, right
or wrong. So a resample is a weighted sum of these figures, and all scores of an evaluation are
looked at in the same resamples.

BLEU: Papineni et al., 2002; chrF: Popović, 2015; both as sacrebleu computes them (Post, 2018).
ROUGE-L: Lin, *ROUGE: a package for automatic evaluation of summaries*, 2004; the F measure with
equal weights of the longest common subsequence of words, found bit by bit (Hyyrö, *Bit-parallel LCS
length computation revisited*, 2004).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import regex

from core.evaluation.intervals import (
    FEWEST,
    TOGETHER,
    Floats,
    Interval,
    drawn,
    of_resamples,
    of_shares,
)
from core.evaluation.stored import MOST_ROWS
from core.jobs.scores import Difference

_WORD = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|\w+")
_MARGINS = {
    "perplexity": 0.05,
    "format_share": 0.1,
    "exact_match": 0.1,
    "bleu": 5.0,
    "chrf": 5.0,
    "rouge_l": 5.0,
}
"""The smallest change of each score that matters; that of a perplexity is a share of it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one model did on each example; what was not measured is ``None``.

    Attributes:
        losses: nats and trained tokens [n, 2].
        answers: what it wrote.
        formatted: whether each answer is in the format.
    """

    losses: Floats | None = None
    answers: Sequence[str] = ()
    formatted: Sequence[bool] | None = None


@dataclass(frozen=True, slots=True)
class _Score:
    """One score from the figures [n, m] of both models."""

    measure: str
    of_sums: Callable[[Floats], Floats]
    before: Floats
    after: Floats
    relative: bool = False


def differences(
    before: Measured,
    after: Measured,
    references: Sequence[str],
    tasks: Sequence[str] = (),
    against: str = "base",
    *,
    families: int = 1,
) -> list[Difference]:
    """Return every score of ``after`` beside that of ``before``, for all examples and each task.

    Args:
        references: the expected answers.
        tasks: the task of each example, as far as there are losses or answers; nothing is said
            of single tasks where there is one only.
        families: how many such comparisons are looked at together.
    """
    found = _compared(before, after, references, against, families=families)
    names = sorted(set(tasks))
    if len(names) < 2:
        return found
    for name in names:
        rows = [n for n, task in enumerate(tasks) if task == name]
        answered = [n for n in rows if n < len(references)]
        parts = [_only(side, rows, answered) for side in (before, after)]
        wanted = [references[n] for n in answered]
        some = _compared(parts[0], parts[1], wanted, against, families=len(names))
        found += [one.model_copy(update={"task": name}) for one in some]
    return found


def rouge_l(answer: str, reference: str) -> float:
    """Return ROUGE-L of one answer, 0 to 100."""
    words, wanted = (_WORD.findall(text.lower()) for text in (answer, reference))
    if not words or not wanted:
        return 100.0 * (not words and not wanted)
    return 200 * _common(words, wanted) / (len(words) + len(wanted))


def _common(words: list[str], wanted: list[str]) -> int:
    """Return the length of the longest common subsequence."""
    places: dict[str, int] = {}
    for place, word in enumerate(words):
        places[word] = places.get(word, 0) | (1 << place)
    whole = (1 << len(words)) - 1
    row = whole
    for word in wanted:
        hits = row & places.get(word, 0)
        row = ((row + hits) | (row - hits)) & whole
    return len(words) - row.bit_count()


def _only(side: Measured, rows: list[int], answered: list[int]) -> Measured:
    return Measured(
        losses=None if side.losses is None else side.losses[rows],
        answers=[side.answers[n] for n in answered],
        formatted=None if side.formatted is None else [side.formatted[n] for n in answered],
    )


def _compared(
    before: Measured,
    after: Measured,
    references: Sequence[str],
    against: str,
    families: int = 1,
) -> list[Difference]:
    scores = [*_losses(before, after)]
    shares: list[tuple[str, Sequence[bool], Sequence[bool]]] = []
    if references:
        scores += _overlaps(before.answers, after.answers, references)
        if before.formatted is not None and after.formatted is not None:
            shares.append(("format_share", before.formatted, after.formatted))
        exact = [_exact(side.answers, references) for side in (before, after)]
        shares.append(("exact_match", exact[0], exact[1]))
    compared = families * TOGETHER
    found = [_of_shares(name, old, new, compared, against) for name, old, new in shares]
    return [*_resampled(scores, compared, against), *found]


def _exact(answers: Sequence[str], references: Sequence[str]) -> list[bool]:
    return [a.split() == r.split() for a, r in zip(answers, references, strict=True)]


def _of_shares(
    measure: str, old: Sequence[bool], new: Sequence[bool], compared: int, against: str
) -> Difference:
    gained = sum(b and not a for a, b in zip(old, new, strict=True))
    lost = sum(a and not b for a, b in zip(old, new, strict=True))
    count = len(old)
    interval = of_shares(gained, lost, count, compared)
    return Difference(
        measure=measure,
        against=against,
        count=count,
        before=sum(old) / count,
        after=sum(new) / count,
        low=interval.low,
        high=interval.high,
        word=interval.word(_MARGINS[measure], enough=count >= FEWEST),
    )


def _losses(before: Measured, after: Measured) -> list[_Score]:
    if before.losses is None or after.losses is None or not len(before.losses):
        return []
    old, new = before.losses[:MOST_ROWS], after.losses[:MOST_ROWS]
    return [_Score("perplexity", _perplexity, old, new, relative=True)]


def _overlaps(old: Sequence[str], new: Sequence[str], wanted: Sequence[str]) -> list[_Score]:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    found = []
    for name, metric, total in (("bleu", BLEU(), _bleu), ("chrf", CHRF(), _chrf)):
        figures = [
            np.array(metric._extract_corpus_statistics(list(a), [list(wanted)]), float)
            for a in (old, new)
        ]
        found.append(_Score(name, total, figures[0], figures[1]))
    rouge = [np.array([[rouge_l(*p), 1] for p in zip(a, wanted, strict=True)]) for a in (old, new)]
    return [*found, _Score("rouge_l", _mean, rouge[0], rouge[1])]


def figures_of(
    measure: str, sides: Sequence[Sequence[str]], references: Sequence[str]
) -> tuple[Callable[[Floats], Floats], list[Floats]]:
    """Return how a score is made of sums, and the figures [n, m] of each model's answers."""
    if measure == "exact_match":
        right = [[[float(one), 1.0] for one in _exact(answers, references)] for answers in sides]
        return _mean, [np.array(of) for of in right]
    pairs = [_overlaps(answers, answers, references) for answers in sides]
    found = [next(score for score in of if score.measure == measure) for of in pairs]
    return found[0].of_sums, [score.before for score in found]


def _resampled(scores: list[_Score], compared: int, against: str) -> list[Difference]:
    found = []
    for count in sorted({len(score.before) for score in scores}, reverse=True):
        same = [score for score in scores if len(score.before) == count]
        changes: list[list[Floats]] = [[] for _score in same]
        for weights in drawn(count):
            for score, kept in zip(same, changes, strict=True):
                kept.append(_change(score, weights))
        for score, kept in zip(same, changes, strict=True):
            interval = of_resamples(np.concatenate(kept), _worth(score), compared)
            found.append(_of_score(score, interval, against))
    return found


def _worth(score: _Score) -> int:
    """Return how many examples of even weight these are worth.

    In a perplexity an example weighs as much as it has tokens (Kish, *Survey sampling*, 1965).
    """
    if not score.relative:
        return len(score.before)
    tokens = score.before[:, 1]
    return int(tokens.sum() ** 2 / max((tokens * tokens).sum(), 1.0))


def _of_score(score: _Score, interval: Interval, against: str) -> Difference:
    count = len(score.before)
    lower = score.relative
    word = interval.word(_MARGINS[score.measure], lower_is_better=lower, enough=count >= FEWEST)
    return Difference(
        measure=score.measure,
        against=against,
        count=count,
        before=_whole(score, score.before),
        after=_whole(score, score.after),
        low=interval.low,
        high=interval.high,
        word=word,
    )


def _whole(score: _Score, rows: Floats) -> float:
    return float(score.of_sums(rows.sum(axis=0, keepdims=True))[0])


def _change(score: _Score, weights: Floats) -> Floats:
    before, after = (score.of_sums(weights @ rows) for rows in (score.before, score.after))
    if not score.relative:
        return after - before
    with np.errstate(over="ignore", invalid="ignore"):
        return np.nan_to_num(after / before - 1, nan=0.0)


def _perplexity(sums: Floats) -> Floats:
    """Of nats and tokens [B, 2]."""
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(sums[:, 0] / np.maximum(sums[:, 1], 1)))


def _mean(sums: Floats) -> Floats:
    return sums[:, 0] / sums[:, 1]


def _bleu(sums: Floats) -> Floats:
    """Of lengths, right and all n-grams [B, 10], missing ones smoothed as sacrebleu does."""
    length, wanted, right, of_all = sums[:, 0], sums[:, 1], sums[:, 2:6], sums[:, 6:10]
    missing = np.cumsum(right == 0, axis=1)
    shares = np.where(right > 0, right, 0.5**missing) / np.maximum(of_all, 1)
    some = right.any(axis=1) & (of_all > 0).all(axis=1)
    brevity = np.exp(np.minimum(0, 1 - wanted / np.maximum(length, 1)))
    return np.asarray(np.where(some, 100 * brevity * np.exp(np.log(shares).mean(axis=1)), 0.0))


def _chrf(sums: Floats) -> Floats:
    """Of n-grams written, wanted and common, six times [B, 18]."""
    written, wanted, common = (sums[:, start::3] for start in range(3))
    usable = (written > 0) & (wanted > 0)
    orders = np.maximum(usable.sum(axis=1), 1)
    precision = np.where(usable, common / np.maximum(written, 1), 0).sum(axis=1) / orders
    recall = np.where(usable, common / np.maximum(wanted, 1), 0).sum(axis=1) / orders
    return np.asarray(500 * precision * recall / np.maximum(4 * precision + recall, 1e-16))
