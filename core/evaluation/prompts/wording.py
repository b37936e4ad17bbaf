"""What trying a prompt gave, in one sentence and in a line for each number of examples."""

from __future__ import annotations

from core.evaluation.prompts.spec import PromptsResult, Tried
from core.evaluation.wording import scores_text
from core.language import N_, Sentence, _, ngettext, one_after_another
from core.training.monitor.subject import foreign_subject

# Translators: exactly right answers with the best prompt, and without examples in it.
_NO_BETTER = {
    ("exact_match", "none"): N_(
        "Examples in the prompt make no difference: {before:.0%} exactly right without them."
    ),
    ("chrf", "none"): N_(
        "Examples in the prompt make no difference (chrF {before:.0f} without them)."
    ),
    ("exact_match", "unknown"): N_(
        "Do examples in the prompt help? Not enough to tell ({after:.0%} exactly right, without "
        "them {before:.0%})."
    ),
    ("chrf", "unknown"): N_(
        "Do examples in the prompt help? Not enough to tell (chrF {after:.0f}, without them "
        "{before:.0f})."
    ),
}


def prompts_sentence(result: PromptsResult) -> Sentence:
    """Return how far a prompt gets."""
    best, plain = result.best, next((one for one in result.tried if not one.shots), None)
    if best is None or plain is None:
        return _("The base model could not be asked.")
    parts = [_how_far(result, best, plain)]
    if "format_share" in best.scores and "format_share" in plain.scores:
        known = {"after": best.scores["format_share"], "before": plain.scores["format_share"]}
        parts.append(_("In the right format: {after:.0%}, before {before:.0%}.", **known))
    parts.append(_("Train if that is not good enough."))
    return one_after_another(parts)


def _how_far(result: PromptsResult, best: Tried, plain: Tried) -> Sentence:
    measure = result.measure
    known = {"before": plain.scores[measure], "after": best.scores[measure]}
    if best.shots == 0:
        others = [one for one in result.tried if one.shots]
        worse = bool(others) and all(one.word == "worse" for one in others)
        return _(_NO_BETTER[measure, "none" if worse else "unknown"], **known)
    if best.word != "better":
        return _(_NO_BETTER[measure, "none" if best.word == "none" else "unknown"], **known)
    if measure == "exact_match":
        return ngettext(
            "A prompt with {count:,} example: {after:.0%} exactly right, without it {before:.0%}.",
            "A prompt with {count:,} examples: {after:.0%} exactly right, without them "
            "{before:.0%}.",
            best.shots,
            **known,
        )
    return ngettext(
        "A prompt with {count:,} example: closer to the expected answers (chrF {after:.0f}, "
        "without it {before:.0f}).",
        "A prompt with {count:,} examples: closer to the expected answers (chrF {after:.0f}, "
        "without them {before:.0f}).",
        best.shots,
        **known,
    )


def prompts_lines(result: PromptsResult) -> list[Sentence]:
    """Return the scores for each number of examples, and how many questions were asked."""
    lines = []
    for one in result.tried:
        title = ngettext(
            "Base with {count:,} example in its prompt",
            "Base with {count:,} examples in its prompt",
            one.shots,
        )
        lines.append(_("{name}: {value}", name=title, value=scores_text(one.scores)))
    asked = ngettext(
        "Asked: {count:,} question that the examples in the prompt do not contain.",
        "Asked: {count:,} questions that the examples in the prompt do not contain.",
        result.questions,
    )
    return [*lines, asked]


def subject_sentence(result: PromptsResult) -> Sentence | str:
    """Return that the subject seems new to the base, and what helps; ``""`` where it does not."""
    if result.answers is None:
        return ""
    notice = foreign_subject(result.answers, result.tasks, result.everyday)
    if notice is None:
        return ""
    return _("{what} {todo}", what=notice.text, todo=notice.todo)
