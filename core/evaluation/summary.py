"""The sentence that sums an evaluation up, built by rules from what was found.

It consists of clauses, each a code with its figures, so that it can be shown in any language. A
clause claims only what its difference claims: "no difference found" and "not enough to tell" stand
where an interval says no more. Clauses whose questions were not asked are absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from core.evaluation.grades import grade
from core.jobs.scores import Clause, Difference, Prompted
from core.jobs.spec import EvaluationResult
from core.language import N_, Sentence, _, ngettext, one_after_another

OFTEN_EXACT = 0.2  # from this share on, being exactly right is what counts
# Translators: each is one clause of a summary that stands alone, in the style of a headline.
_TEXTS: dict[str, str] = {
    "format.better": N_("In the right format: {after:.0%}, before {before:.0%}."),
    "format.none": N_(
        "In the right format: no difference found ({after:.0%}, before {before:.0%})."
    ),
    "format.unknown": N_(
        "In the right format: not enough to tell ({after:.0%}, before {before:.0%})."
    ),
    "exact.better": N_("Exactly right: {after:.0%}, before {before:.0%}."),
    "exact.none": N_("Exactly right: no difference found ({after:.0%}, before {before:.0%})."),
    "exact.unknown": N_("Exactly right: not enough to tell ({after:.0%}, before {before:.0%})."),
    "answers.better": N_(
        "Answers: closer to the expected ones (chrF {after:.0f}, before {before:.0f})."
    ),
    "answers.worse": N_(
        "Answers: further from the expected ones (chrF {after:.0f}, before {before:.0f})."
    ),
    "answers.none": N_("Answers: no difference found (chrF {after:.0f}, before {before:.0f})."),
    "answers.unknown": N_("Answers: not enough to tell (chrF {after:.0f}, before {before:.0f})."),
    "invented.better": N_("Invented facts: fewer ({after:.0%} of answers, before {before:.0%})."),
    "invented.worse": N_("Invented facts: more ({after:.0%} of answers, before {before:.0%})."),
    "invented.none": N_(
        "Invented facts: no difference found ({after:.0%} of answers, before {before:.0%})."
    ),
    "invented.unknown": N_(
        "Invented facts: not enough to tell ({after:.0%} of answers, before {before:.0%})."
    ),
    "everyday.better": N_("Everyday knowledge: better ({after:.0%} right, before {before:.0%})."),
    "everyday.none": N_(
        "Everyday knowledge: no difference found ({after:.0%} right, before {before:.0%})."
    ),
    "everyday.unknown": N_(
        "Everyday knowledge: not enough to tell ({after:.0%} right, before {before:.0%})."
    ),
    "everyday.slightly_worse": N_(
        "Everyday knowledge: slightly worse ({after:.0%} right, before {before:.0%})."
    ),
    "everyday.clearly_worse": N_(
        "Everyday knowledge: clearly worse ({after:.0%} right, before {before:.0%})."
    ),
    "everyday.much_worse": N_(
        "Everyday knowledge: much worse ({after:.0%} right, before {before:.0%})."
    ),
    "everyday_perplexity.better": N_("Everyday knowledge: better ({before:.1f} → {after:.1f})."),
    "everyday_perplexity.none": N_(
        "Everyday knowledge: no difference found ({before:.1f} → {after:.1f})."
    ),
    "everyday_perplexity.unknown": N_(
        "Everyday knowledge: not enough to tell ({before:.1f} → {after:.1f})."
    ),
    "everyday_perplexity.slightly_worse": N_(
        "Everyday knowledge: slightly worse ({before:.1f} → {after:.1f})."
    ),
    "everyday_perplexity.clearly_worse": N_(
        "Everyday knowledge: clearly worse ({before:.1f} → {after:.1f})."
    ),
    "everyday_perplexity.much_worse": N_(
        "Everyday knowledge: much worse ({before:.1f} → {after:.1f})."
    ),
    "everyday_answers.slightly_worse": N_(
        "Everyday answers: slightly different from before (perplexity {before:.1f} → {after:.1f})."
    ),
    "everyday_answers.clearly_worse": N_(
        "Everyday answers: clearly different from before (perplexity {before:.1f} → {after:.1f})."
    ),
    "everyday_answers.much_worse": N_(
        "Everyday answers: very different from before (perplexity {before:.1f} → {after:.1f})."
    ),
}
_TEXTS |= {f"{name}.worse": _TEXTS[f"{name}.better"] for name in ("format", "exact")}


def clauses(result: EvaluationResult) -> list[Clause]:
    """Return what an evaluation found, the most telling first."""
    found = [*_of_answers(result), *_of_invented(result), *_of_everyday(result)]
    return [*found, *_of_prompts(result)]


def sentence(result: EvaluationResult) -> Sentence | Literal[""]:
    """Return the clauses as one text, empty where nothing was compared."""
    found = [text_of(clause) for clause in clauses(result)]
    return one_after_another(found) if found else ""


def headline(result: EvaluationResult) -> Sentence | Literal[""]:
    """Return in one short sentence whether it is better; empty where nothing was compared.

    It counts scores by what their intervals claim, and claims no more than they do.
    """
    words = [found.word for found in _compared(result)]
    forgotten = _forgotten(result)
    if not words:
        return one_after_another(forgotten) if forgotten else ""
    return one_after_another([_balance(words), *forgotten])


def _compared(result: EvaluationResult) -> list[Difference]:
    exact = difference_of(result, "exact_match")
    measures = ("format_share", measure_of_answers(exact), "invented")
    found = (difference_of(result, measure) for measure in measures)
    return [one for one in found if one is not None]


def _balance(words: Sequence[str]) -> Sentence:
    counts = {name: words.count(name) for name in ("better", "worse", "unknown")}
    figures = {"better": counts["better"], "worse": counts["worse"]}
    if counts["better"] and counts["worse"]:
        return _(
            "Better than the base model in {better} of {scores} scores, worse in {worse}.",
            scores=len(words),
            **figures,
        )
    if counts["better"]:
        return ngettext(
            "Better than the base model in the one score that was measured.",
            "Better than the base model in {better} of {count} scores.",
            len(words),
            **figures,
        )
    if counts["worse"]:
        return ngettext(
            "Worse than the base model in the one score that was measured.",
            "Worse than the base model in {worse} of {count} scores.",
            len(words),
            **figures,
        )
    if counts["unknown"]:
        return _("The scores are not enough to tell whether it is better.")
    return _("No difference from the base model was found.")


def _forgotten(result: EvaluationResult) -> list[Sentence]:
    found = difference_of(result, "everyday") or difference_of(result, "everyday_perplexity")
    if found is None or found.word != "worse":
        return []
    if grade(found) == "slightly_worse":
        return [_("It forgot a little everyday knowledge.")]
    return [_("It forgot everyday knowledge.")]


def text_of(clause: Clause) -> Sentence:
    """Return one clause in words.

    Raises:
        KeyError: there is no such code.
    """
    of_prompt = _PROMPTS.get(clause.code)
    if of_prompt is not None:
        shots = int(clause.values["shots"])
        return of_prompt(shots, clause.values.get("share", 0.0))
    return _(_TEXTS[clause.code], **clause.values)


def difference_of(result: EvaluationResult, measure: str) -> Difference | None:
    """Return the difference of a measure from the base over all tasks, if there is one."""
    for one in result.differences:
        if (one.measure, one.task, one.against) == (measure, "", "base"):
            return one
    return None


def measure_of_answers(exact: Difference | None) -> str:
    """Return by which score answers are judged: exactly right where that happens at all often."""
    often = exact is not None and max(exact.before, exact.after) >= OFTEN_EXACT
    return "exact_match" if often else "chrf"


def _of_answers(result: EvaluationResult) -> Iterator[Clause]:
    if found := difference_of(result, "format_share"):
        yield _clause("format", found)
    measure = measure_of_answers(difference_of(result, "exact_match"))
    if found := difference_of(result, measure):
        yield _clause("exact" if measure == "exact_match" else "answers", found)


def _of_invented(result: EvaluationResult) -> Iterator[Clause]:
    if found := difference_of(result, "invented"):
        yield _clause("invented", found)


def _of_everyday(result: EvaluationResult) -> Iterator[Clause]:
    right = difference_of(result, "everyday")
    if right is not None:
        yield _clause("everyday", right, grade(right))
    own = difference_of(result, "everyday_perplexity")
    if own is None:
        return
    if right is None:
        yield _clause("everyday_perplexity", own, grade(own))
    elif own.word == "worse":
        yield _clause("everyday_answers", own, grade(own))


def _of_prompts(result: EvaluationResult) -> Iterator[Clause]:
    asked = [one for one in result.prompted if one.shots]
    if not asked:
        return
    best = max(asked, key=lambda one: (one.scores.get(one.measure, 0.0), -one.shots))
    yield Clause(code=f"prompt.{_said_of(best)}", values=_of_prompt(best))


def _of_prompt(best: Prompted) -> dict[str, float]:
    values = {"shots": float(best.shots)}
    return values if best.share is None else {**values, "share": min(1.0, best.share)}


def _said_of(best: Prompted) -> str:
    if best.word == "worse":  # the fine-tune, beside the prompt
        return "better"
    if best.word == "none":
        return "as_good"
    if best.share is None:
        return "unknown"
    return "share" if best.share > 0 else "nothing"


_PROMPTS: dict[str, Callable[[int, float], Sentence]] = {
    "prompt.better": lambda shots, _share: ngettext(
        "A prompt with {count:,} example does better than the fine-tune.",
        "A prompt with {count:,} examples does better than the fine-tune.",
        shots,
    ),
    "prompt.as_good": lambda shots, _share: ngettext(
        "A prompt with {count:,} example does as well as the fine-tune.",
        "A prompt with {count:,} examples does as well as the fine-tune.",
        shots,
    ),
    "prompt.share": lambda shots, share: ngettext(
        "A prompt with {count:,} example reaches {share:.0%} of the gain.",
        "A prompt with {count:,} examples reaches {share:.0%} of the gain.",
        shots,
        share=share,
    ),
    "prompt.nothing": lambda shots, _share: ngettext(
        "A prompt with {count:,} example reaches nothing of the gain.",
        "A prompt with {count:,} examples reaches nothing of the gain.",
        shots,
    ),
    "prompt.unknown": lambda shots, _share: ngettext(
        "A prompt with {count:,} example: not enough to tell.",
        "A prompt with {count:,} examples: not enough to tell.",
        shots,
    ),
}


def _clause(name: str, found: Difference, word: str = "") -> Clause:
    values = {"before": found.before, "after": found.after}
    return Clause(code=f"{name}.{word or found.word}", values=values)
