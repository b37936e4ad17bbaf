"""Which questions of daily use are unlike the training examples, measured on what they consist of.

The likeness of two questions is the cosine of their groups of three letters, weighed by how rare
each is among the training questions (tf-idf; Salton and Buckley, *Term-weighting approaches in
automatic text retrieval*, 1988). A question is unlike the examples when even the nearest one is
further away than nearly all held-out examples are from theirs: those come from the same source, so
their own distances say how far apart alike questions are.
"""

from __future__ import annotations

import math
import random
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import DatasetVersion
from core.data.example import Example
from core.serving.use.record import Use

_GRAM = 3
_BUCKETS = 1 << 18
_MOST_EXAMPLES = 20_000
_MOST_HELD = 500
_LEAST_HELD = 20
_BEYOND = 0.02  # share of alike questions that are called unlike
_CHARACTERS = 2000

Vector = tuple[NDArray[np.int64], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Unlike:
    """A question that is unlike the training examples, with the nearest of them.

    Attributes:
        likeness: to that one, from 0 to 1.
    """

    use: Use
    likeness: float
    nearest: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found among the questions of daily use.

    Attributes:
        compared: how many questions.
        threshold: the likeness below which a question is unlike.
        unlike: the least alike first.
    """

    compared: int
    threshold: float
    unlike: tuple[Unlike, ...]

    @property
    def share(self) -> float:
        """The part of the questions that is unlike the examples."""
        return len(self.unlike) / self.compared if self.compared else 0.0


class Nearest:
    """Finds the training question that is nearest to a text."""

    def __init__(self, questions: Sequence[str]) -> None:
        self.questions = list(questions)
        counts = [_grams(text) for text in self.questions]
        seen = Counter(gram for count in counts for gram in count)
        total = len(self.questions)
        self._weight = np.full(_BUCKETS, 1 + math.log(1 + total), dtype=np.float32)
        for gram, rows in seen.items():
            self._weight[gram] = 1 + math.log((1 + total) / (1 + rows))
        self._index(counts)

    def _index(self, counts: Sequence[Counter[int]]) -> None:
        """Lay the examples' weights out by gram: of each gram, the rows that have it."""
        vectors = [self._vector(count) for count in counts]
        grams = np.concatenate([v[0] for v in vectors] or [np.zeros(0, np.int64)])
        values = np.concatenate([v[1] for v in vectors] or [np.zeros(0, np.float32)])
        rows = np.repeat(np.arange(len(vectors)), [len(v[0]) for v in vectors])
        order = np.argsort(grams, kind="stable")
        self._rows, self._values = rows[order], values[order]
        self._starts = np.searchsorted(grams[order], np.arange(_BUCKETS + 1))

    def _vector(self, count: Counter[int]) -> Vector:
        grams = np.fromiter(count.keys(), dtype=np.int64, count=len(count))
        often = np.fromiter(count.values(), dtype=np.float32, count=len(count))
        values = (1 + np.log(often)) * self._weight[grams]
        length = float(np.linalg.norm(values))
        return grams, (values / length if length else values).astype(np.float32)

    def likeness(self, text: str, but: int = -1) -> tuple[float, int]:
        """Return the likeness to the nearest question and its place, -1 where there is none.

        Args:
            but: the place of a question that does not count.
        """
        if not self.questions:
            return 0.0, -1
        scores = np.zeros(len(self.questions), dtype=np.float32)
        for gram, value in zip(*self._vector(_grams(text)), strict=True):
            begin, end = self._starts[gram], self._starts[gram + 1]
            scores[self._rows[begin:end]] += value * self._values[begin:end]
        if but >= 0:
            scores[but] = -1.0
        place = int(scores.argmax())
        return max(0.0, min(1.0, float(scores[place]))), place


def _grams(text: str) -> Counter[int]:
    """Return how often each group of letters occurs; words have their ends in it."""
    words = text[:_CHARACTERS].lower().split()
    found: Counter[int] = Counter()
    for word in words:
        padded = f" {word} "
        for begin in range(max(1, len(padded) - _GRAM + 1)):
            found[zlib.crc32(padded[begin : begin + _GRAM].encode()) % _BUCKETS] += 1
    return found


def last_question(example: Example) -> str:
    """Return what was asked last in an example, as it is recorded in daily use."""
    asked = [m.content for m in example.messages if m.role == "user"]
    return asked[-1] if asked else example.question


def unlike_the_examples(uses: Iterable[Use], version: DatasetVersion, characters: int) -> Found:
    """Return which questions are unlike the training examples of a version.

    Seconds for thousands of examples, so not for the window's thread.

    Args:
        characters: as many of each question are recorded; the examples are compared as far, too.

    Raises:
        UserFacingError: the version is damaged.
    """
    train = _questions(version.examples("train"), characters, _MOST_EXAMPLES)
    held = [*version.examples("validation"), *version.examples("test")]
    nearest = Nearest(train)
    threshold = _threshold(nearest, _questions(held, characters, _MOST_HELD))
    asked = [use for use in uses if use.prompt.strip()]
    found = []
    for use in asked:
        likeness, place = nearest.likeness(use.prompt)
        if likeness < threshold:
            found.append(Unlike(use, likeness, train[place] if place >= 0 else ""))
    found.sort(key=lambda unlike: unlike.likeness)
    return Found(len(asked), threshold, tuple(found))


def _questions(examples: Iterable[Example], characters: int, most: int) -> list[str]:
    """Return different questions, a random sample of them where there are too many."""
    texts = list(dict.fromkeys(last_question(example)[:characters] for example in examples))
    if len(texts) > most:
        texts = random.Random(0).sample(texts, most)  # noqa: S311 - the same each time
    return [text for text in texts if text.strip()]


def _threshold(nearest: Nearest, held: Sequence[str]) -> float:
    """Return the likeness that nearly all alike questions have to their nearest example.

    Where too few are held out, the training questions are compared with each other.
    """
    if len(held) >= _LEAST_HELD:
        likeness = [nearest.likeness(text)[0] for text in held]
    else:
        places = random.Random(0).sample(  # noqa: S311 - the same each time
            range(len(nearest.questions)), min(_MOST_HELD, len(nearest.questions))
        )
        likeness = [nearest.likeness(nearest.questions[p], but=p)[0] for p in places]
    return float(np.quantile(likeness, _BEYOND)) if likeness else 0.0
