"""Campaign: what the comparison claims where the truth is known.

    python -m tests.campaigns.verdicts [--evaluations 200] [--intervals 2000] [--series 2000]

*Evaluations* of 50 simulated questions each, as many with no difference between the models, with a
small and with a large one: answers whose words are right with a known probability, losses, formats,
and 320 everyday questions. They go through the code that a real evaluation goes through. Where
there is no difference, the summary may claim one in at most 5 % of them.

*Intervals* of single scores must hold the true change in 95 ± 2 % of the cases, taken together, and
none in less than 93 % (counts of few answers cannot hit 95 % exactly). The true BLEU and chrF have
no formula: they are measured once on 20,000 questions.

*Series* of blind judgements that end as soon as they decide: at even odds at most 5 % may end with
a verdict, and the interval must hold the truth in at least 93 %. The fixed test looked at after
every ten judgements stands beside it, to show what the rule is for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.chat.everyday import KINDS
from core.evaluation.compared import everyday_difference
from core.evaluation.everyday.forgetting import Taken
from core.evaluation.everyday.forgetting import differences as everyday_differences
from core.evaluation.intervals import of_mean, of_shares
from core.evaluation.paired import Measured, differences
from core.evaluation.rating.ratings import MOST_CASES
from core.evaluation.rating.sequential import LOOK_EVERY
from core.evaluation.rating.verdict import judge, judge_series
from core.evaluation.summary import clauses
from core.jobs.scores import Scores
from core.jobs.spec import EvaluationResult

_QUESTIONS, _WORDS, _EVERYDAY = 50, 9, 320
_VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "klmnrst"]
_CLAIMS = ("better", "worse", "slightly_worse", "clearly_worse", "much_worse")
_MOST_FALSE, _LEAST, _MOST = 0.05, 0.93, 0.97


@dataclass(frozen=True)
class Truth:
    """How often each model is right: words, formats and everyday questions; loss as a factor."""

    words: tuple[float, float]
    formats: tuple[float, float]
    everyday: tuple[float, float]
    loss: float


SIZES = {
    "none": Truth((0.4, 0.4), (0.5, 0.5), (0.7, 0.7), 1.0),
    "small": Truth((0.4, 0.5), (0.5, 0.7), (0.7, 0.65), 0.97),
    "large": Truth((0.3, 0.7), (0.1, 0.95), (0.7, 0.5), 0.6),
}


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def answers(chance: np.random.Generator, wanted: list[list[str]], right: float) -> list[str]:
    """Return answers of which each word is right with this probability; questions differ."""
    found = []
    for words in wanted:
        odds = np.clip(chance.normal(right, 0.15), 0.02, 0.98)
        kept = chance.random(len(words)) < odds
        other = chance.choice(_VOCABULARY, len(words))
        found.append(" ".join(np.where(kept, words, other)))
    return found


def references(chance: np.random.Generator, count: int) -> list[list[str]]:
    """Return expected answers as words."""
    return [list(chance.choice(_VOCABULARY, _WORDS)) for _n in range(count)]


def losses(chance: np.random.Generator, count: int, factor: float) -> list[np.ndarray]:
    """Return nats and tokens of both models; hard questions are hard for both."""
    tokens = chance.integers(4, 40, count)
    hard = chance.lognormal(0.5, 0.5, count)
    own = [hard * tokens * chance.lognormal(0, 0.15, count) * f for f in (1.0, factor)]
    return [np.stack([nats, tokens], axis=1).astype(float) for nats in own]


def right_answers(chance: np.random.Generator, rates: tuple[float, float]) -> list[np.ndarray]:
    """Return which questions both models answer right; they agree on seven of ten."""
    common, alike = chance.random(_EVERYDAY), chance.random(_EVERYDAY) < 0.7
    return [np.where(alike, common, chance.random(_EVERYDAY)) < rate for rate in rates]


def evaluation(chance: np.random.Generator, truth: Truth) -> EvaluationResult:
    """Return what a simulated evaluation finds."""
    words = references(chance, _QUESTIONS)
    sides = []
    for of, right, formats in zip(
        losses(chance, _QUESTIONS, truth.loss), truth.words, truth.formats, strict=True
    ):
        kept = list(chance.random(_QUESTIONS) < formats)
        sides.append(Measured(of, answers(chance, words, right), kept))
    found = differences(sides[0], sides[1], [" ".join(of) for of in words])
    kinds = tuple(KINDS[n % len(KINDS)] for n in range(_EVERYDAY))
    known = [Taken(kinds, tuple(map(bool, of))) for of in right_answers(chance, truth.everyday)]
    found += everyday_differences(known[0], known[1])
    base, tuned = losses(chance, 10, 1 / truth.loss)
    found += everyday_difference(base, tuned)
    scores = Scores(perplexity=2.0)
    return EvaluationResult(
        examples=_QUESTIONS, part="test", base=scores, tuned=scores, differences=found
    )


def claims(result: EvaluationResult) -> set[str]:
    """Return the clauses of the summary that claim a difference."""
    codes = (clause.code.partition(".") for clause in clauses(result))
    return {name for name, _dot, word in codes if word in _CLAIMS}


def run_evaluations(count: int) -> list[str]:
    """Print what is claimed at each size; return what is wrong."""
    wrong = []
    for size, truth in SIZES.items():
        chance = np.random.default_rng(4)
        found = [claims(evaluation(chance, truth)) for _n in range(count)]
        share = sum(map(bool, found)) / count
        names = sorted({name for one in found for name in one})
        each = ", ".join(f"{n} {sum(n in one for one in found) / count:.1%}" for n in names)
        say(f"{size:>6}: {share:6.1%} of {count} summaries claim a difference ({each})")
        if size == "none" and share > _MOST_FALSE:
            wrong.append(f"claims without a difference: {share:.1%}")
    return wrong


def _of_answers(count: int) -> Callable[[np.random.Generator], dict[str, tuple[float, float]]]:
    def one(chance: np.random.Generator) -> dict[str, tuple[float, float]]:
        words = references(chance, count)
        sides = [Measured(answers=answers(chance, words, right)) for right in (0.4, 0.6)]
        found = differences(sides[0], sides[1], [" ".join(of) for of in words])
        return {
            f"{d.measure}, {count} answers": (d.low, d.high)
            for d in found
            if d.measure != "exact_match"
        }

    return one


def _of_losses(count: int) -> Callable[[np.random.Generator], dict[str, tuple[float, float]]]:
    def one(chance: np.random.Generator) -> dict[str, tuple[float, float]]:
        base, tuned = losses(chance, count, 0.8)
        (found,) = differences(Measured(base), Measured(tuned), ())
        return {f"perplexity, {count} examples": (found.low, found.high)}

    return one


def _of_means(count: int) -> Callable[[np.random.Generator], dict[str, tuple[float, float]]]:
    def one(chance: np.random.Generator) -> dict[str, tuple[float, float]]:
        found = of_mean(chance.normal(0.3, 1, count))
        return {f"a mean, {count} examples": (found.low, found.high)}

    return one


def _of_shares(
    count: int, rates: tuple[float, float]
) -> Callable[[np.random.Generator], dict[str, tuple[float, float]]]:
    def one(chance: np.random.Generator) -> dict[str, tuple[float, float]]:
        old, new = (chance.random(count) < rate for rate in rates)
        found = of_shares(int((new & ~old).sum()), int((old & ~new).sum()), count)
        name = f"a share, {rates[0]:.0%} to {rates[1]:.0%}, {count} answers"
        return {name: (found.low, found.high)}

    return one


def _truths() -> dict[str, float]:
    """The true changes; those without a formula are measured on very many questions."""
    chance = np.random.default_rng(99)
    words = references(chance, 20_000)
    texts = [" ".join(of) for of in words]
    sides = [answers(chance, words, right) for right in (0.4, 0.6)]
    from core.evaluation.paired import _overlaps, _whole

    found = {
        score.measure: _whole(score, score.after) - _whole(score, score.before)
        for score in _overlaps(sides[0], sides[1], texts)
    }
    base, tuned = losses(chance, 400_000, 0.8)
    means = [of[:, 0].sum() / of[:, 1].sum() for of in (base, tuned)]
    return {**found, "perplexity": float(np.exp(means[1] - means[0])) - 1, "a mean": 0.3}


def run_intervals(count: int) -> list[str]:
    """Print how often each interval holds the truth; return what is wrong."""
    truths, wrong, shares = _truths(), list[str](), list[float]()
    rates = ((0.5, 0.5), (0.3, 0.7), (0.05, 0.95), (0.9, 0.9))
    kinds = [
        *(_of_answers(n) for n in (25, 50)),
        *(_of_losses(n) for n in (25, 50, 200)),
        *(_of_means(n) for n in (10, 25, 50)),
        *(_of_shares(n, of) for n in (25, 50) for of in rates),
    ]
    for kind in kinds:
        chance, held = np.random.default_rng(23), dict[str, int]()
        for _n in range(count):
            for name, (low, high) in kind(chance).items():
                truth = _truth_of(name, truths)
                held[name] = held.get(name, 0) + (low <= truth <= high)
        for name, times in held.items():
            say(f"{name}: holds the truth in {times / count:.1%} of {count}")
            shares.append(times / count)
            if times / count < _LEAST:
                wrong.append(f"{name}: {times / count:.1%}")
    mean = sum(shares) / len(shares)
    say(f"all intervals: {mean:.1%}")
    return [*wrong, *([] if _LEAST <= mean <= _MOST else [f"all intervals: {mean:.1%}"])]


def _truth_of(name: str, truths: dict[str, float]) -> float:
    kind, figures, *_count = name.split(", ")
    if kind != "a share":
        return truths[kind]
    before, after = (float(part.rstrip("%")) / 100 for part in figures.split(" to "))
    return after - before


def series(
    chance: np.random.Generator, odds: float, ties: float, planned: int
) -> Iterator[list[str]]:
    """Yield a series of judgements as far as it is at each look."""
    found: list[str] = []
    while len(found) < planned:
        tied = chance.random() < ties
        found.append("tie" if tied else "tuned" if chance.random() < odds else "base")
        if len(found) % LOOK_EVERY == 0 or len(found) == planned:
            yield found


def run_series(count: int, planned: int = MOST_CASES) -> list[str]:
    """Print verdicts and intervals of series that end early; return what is wrong."""
    wrong, held, all_of = [], 0, 0
    for ties in (0.0, 0.3):
        for odds in (0.5, 0.6, 0.7, 0.8, 0.9):
            chance = np.random.default_rng(31)
            called = naive = covered = judged = 0
            for _n in range(count):
                tempted, final = False, None
                for so_far in series(chance, odds, ties, planned):
                    wins, losses_ = so_far.count("tuned"), so_far.count("base")
                    tempted |= judge(wins, losses_).outcome != "not_enough"
                    if final is None or not final.settled:
                        final, judged_now = judge_series(so_far, planned), len(so_far)
                called += final.outcome != "not_enough"
                covered += final.low <= odds <= final.high
                judged += judged_now
                naive += tempted
            held, all_of = held + covered, all_of + count
            say(
                f"odds {odds:.1f}, ties {ties:.0%}: {called / count:.1%} with a verdict after "
                f"{judged / count:.0f} of {planned} judgements, interval holds "
                f"{covered / count:.1%} (the fixed test at every look: {naive / count:.1%})"
            )
            if odds == 0.5 and called / count > _MOST_FALSE:
                wrong.append(f"verdicts at even odds, ties {ties:.0%}: {called / count:.1%}")
            if covered / count < _LEAST:
                wrong.append(f"interval at odds {odds}, ties {ties:.0%}: {covered / count:.1%}")
    say(f"all series: the interval holds {held / all_of:.1%}")
    if not _LEAST <= held / all_of <= _MOST:
        wrong.append(f"intervals of all series: {held / all_of:.1%}")
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Run all three; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--intervals", type=int, default=2000)
    parser.add_argument("--series", type=int, default=2000)
    options = parser.parse_args(arguments)
    wrong = []
    for run, count in (
        (run_evaluations, options.evaluations),
        (run_series, options.series),
        (run_intervals, options.intervals),
    ):
        wrong += run(count) if count else []
    say("\n".join(wrong) or "All promises are kept.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
