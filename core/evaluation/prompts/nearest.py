"""Which training examples resemble a question most, and which few stand for all of them.

Texts are compared by the words that they share, rare ones weighing more (Spärck Jones, *A
statistical interpretation of term specificity*, 1972; cosine of the weighted counts). That the most
similar examples make the best prompt was found by Liu et al., *What makes good in-context examples
for GPT-3?*, 2022.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.data.example import Example

_WORD = re.compile(r"\w+")
_MOST = 5000  # training examples that are looked at
_CANDIDATES = 120  # among which the few that stand for all are looked for
_LONGEST = 4000  # characters of a text
Weights = dict[str, float]


@dataclass(frozen=True)
class Nearest:
    """Finds similar examples of the training part."""

    examples: Sequence[Example]
    rarity: Weights
    weights: Sequence[Weights]
    places: dict[str, list[int]] = field(repr=False)

    @classmethod
    def of(cls, training: Iterable[Example]) -> Nearest:
        """Read the training part; of a large one every n-th example."""
        examples = list(training)
        examples = examples[:: max(1, math.ceil(len(examples) / _MOST))]
        counted = [_words(example.question) for example in examples]
        seen = Counter(word for words in counted for word in words)
        rarity = {word: math.log((1 + len(examples)) / n) for word, n in seen.items()}
        weights = [_weighted(words, rarity) for words in counted]
        places: dict[str, list[int]] = {}
        for place, words in enumerate(weights):
            for word in words:
                places.setdefault(word, []).append(place)
        return cls(examples, rarity, weights, places)

    def to(self, example: Example, count: int) -> list[Example]:
        """Return the ``count`` most similar examples of the same task, the nearest last."""
        asked = _weighted(_words(example.question), self.rarity)
        likeness: Counter[int] = Counter()
        for word, weight in asked.items():
            for place in self.places.get(word, ()):
                likeness[place] += weight * self.weights[place][word]  # type: ignore[assignment]
        for place in range(len(self.examples)):
            likeness.setdefault(place, 0)
        same = [n for n in likeness if self.examples[n].task == example.task]
        best = sorted(same, key=lambda n: (-likeness[n], n))[:count]
        return [self.examples[place] for place in reversed(best)]

    def typical(self, count: int) -> list[Example]:
        """Return examples that together resemble all others most, chosen one after the other."""
        step = max(1, math.ceil(len(self.examples) / _CANDIDATES))
        places = range(0, len(self.examples), step)
        alike = [[_cosine(self.weights[a], self.weights[b]) for b in places] for a in places]
        covered = [0.0] * len(places)
        chosen: list[int] = []
        while len(chosen) < min(count, len(places)):
            left = [n for n in range(len(places)) if n not in chosen]
            best = max(left, key=lambda n: sum(map(max, alike[n], covered)))
            covered = list(map(max, alike[best], covered))
            chosen.append(best)
        return [self.examples[places[n]] for n in chosen]


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text[:_LONGEST].lower()))


def _weighted(words: Counter[str], rarity: Weights) -> Weights:
    raw = {word: n * rarity[word] for word, n in words.items() if word in rarity}
    length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
    return {word: value / length for word, value in raw.items()}


def _cosine(one: Weights, other: Weights) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(value * other.get(word, 0.0) for word, value in one.items())
