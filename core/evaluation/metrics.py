"""Scores of answers against references, and perplexity; higher is better but for perplexity."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import regex

from core.errors import UserFacingError
from core.evaluation.paired import rouge_l
from core.language import Sentence, _, ngettext

_LONGEST_PATTERN = 1000  # characters
_LONGEST_ANSWER = 20_000  # characters that a pattern is matched against
_PATTERN_SECONDS = 2.0  # for all answers together; a pattern can be made to take forever


def perplexity(total_loss: float, tokens: int) -> float:
    """Return e to the mean loss (nats per token); infinite where a float cannot hold it.

    Jelinek, Mercer, Bahl and Baker, *Perplexity – a measure of the difficulty of speech recognition
    tasks*, 1977: from how many equally likely tokens the model seems to choose.

    Raises:
        ValueError: no tokens.
    """
    if tokens <= 0:
        raise ValueError("perplexity of no tokens")
    mean = total_loss / tokens
    return math.exp(mean) if mean < 700 else math.inf


def measured_on(part: str, count: int, *, nested: bool = False) -> Sentence:
    """Return what scores were measured on, and what they cannot show.

    Args:
        part: of the dataset version (``test`` or ``validation``).
        nested: each was measured with the step that the others choose.
    """
    if part == "test":
        return ngettext(
            "{count:,} example set aside for testing and used for nothing else",
            "{count:,} examples set aside for testing and used for nothing else",
            count,
        )
    if nested:
        return ngettext(
            "{count:,} unseen example",
            "{count:,} unseen examples. They were too few to set some aside for testing, so for "
            "the losses of each the step was chosen by the others; the answers are those of the "
            "step that all chose",
            count,
        )
    return ngettext(
        "{count:,} unseen example that was also used to choose the best step, as there were too "
        "few to set some aside for testing (so these scores may be slightly too good)",
        "{count:,} unseen examples that were also used to choose the best step, as there were too "
        "few to set some aside for testing (so these scores may be slightly too good)",
        count,
    )


def text_scores(
    answers: Sequence[str], references: Sequence[str], wanted_format: str = ""
) -> dict[str, float]:
    """Return ``exact_match`` (0–1), ``bleu``, ``chrf`` and ``rouge_l`` (0–100) of all answers.

    BLEU: Papineni et al., 2002; chrF: Popović, 2015; both as sacrebleu computes them (Post, 2018).
    ROUGE-L: see :mod:`core.evaluation.paired`.

    Args:
        wanted_format: a regular expression for whole answers; gives ``format_share`` (0–1).

    Raises:
        ValueError: no answers, or not as many references.
        UserFacingError: see :func:`format_matches`.
    """
    if not answers or len(answers) != len(references):
        raise ValueError(f"{len(answers)} answers, {len(references)} references")
    scores = {"exact_match": exact_match(answers, references)}
    scores |= _overlap(answers, references)
    if wanted_format:
        scores["format_share"] = format_share(answers, wanted_format)
    return scores


def exact_match(answers: Sequence[str], references: Sequence[str]) -> float:
    """Return the share of answers equal to their reference, white space aside."""
    pairs = zip(answers, references, strict=True)
    return sum(a.split() == r.split() for a, r in pairs) / len(answers)


def _overlap(answers: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    hypotheses, targets = list(answers), [list(references)]
    common = [rouge_l(*pair) for pair in zip(answers, references, strict=True)]
    return {
        "bleu": float(BLEU().corpus_score(hypotheses, targets).score),
        "chrf": float(CHRF().corpus_score(hypotheses, targets).score),
        "rouge_l": sum(common) / len(common),
    }


def format_share(answers: Sequence[str], pattern: str) -> float:
    """Return the share of answers that match ``pattern``, see :func:`format_matches`."""
    return sum(format_matches(answers, pattern)) / len(answers)


def format_matches(answers: Sequence[str], pattern: str) -> list[bool]:
    """Return which answers match ``pattern`` as a whole, outer white space aside.

    Raises:
        UserFacingError: ``format.invalid`` for no regular expression, ``format.too_slow`` when
            matching does not end in time.
    """
    expression = compile_format(pattern)
    deadline = time.monotonic() + _PATTERN_SECONDS
    matching = []
    for answer in answers:
        left = deadline - time.monotonic()
        text = answer.strip()[:_LONGEST_ANSWER]
        try:
            found = expression.fullmatch(text, timeout=max(left, 0.001))
        except TimeoutError as error:
            raise UserFacingError(
                "format.too_slow",
                _("The answer format takes too long to check."),
                _("Write it without nested repetitions such as (a+)+."),
                pattern,
            ) from error
        matching.append(found is not None)
    return matching


def compile_format(pattern: str) -> regex.Pattern[str]:
    """Return the compiled pattern.

    Raises:
        UserFacingError: ``format.invalid``.
    """
    try:
        if len(pattern) > _LONGEST_PATTERN:
            raise ValueError(f"longer than {_LONGEST_PATTERN} characters")
        return regex.compile(pattern, regex.DOTALL)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise UserFacingError(
            "format.invalid",
            _("The answer format is not a valid regular expression."),
            _("Correct it, or leave it empty."),
            str(error),
        ) from error
