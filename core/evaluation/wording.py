"""The lines of a table of scores, the same in the window, the terminal and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.evaluation.formats import described
from core.evaluation.metrics import measured_on
from core.evaluation.own_questions import OWN_TASK
from core.jobs.scores import Difference, Prompted, Word
from core.jobs.spec import EvaluationResult
from core.language import N_, Sentence, _, ngettext, number

NAMES: dict[str, str] = {
    "perplexity": N_("Perplexity"),
    "format_share": N_("In the requested format"),
    "exact_match": N_("Exact match"),
    "bleu": "BLEU",  # not shown: a name
    "chrf": "chrF",  # not shown: a name
    "rouge_l": "ROUGE-L",  # not shown: a name
    "everyday": N_("Everyday questions answered right"),
    "everyday_perplexity": N_("Perplexity of everyday answers"),
    "invented": N_("Answers with invented facts"),
}
WORDS: dict[Word, str] = {
    "better": N_("better"),
    "worse": N_("worse"),
    "none": N_("no difference found"),
    "unknown": N_("not enough to tell"),
}
_GLOSSARY = {"chrf": "bleu", "everyday": "forgetting", "everyday_perplexity": "forgetting"}
_GLOSSARY |= {"invented": ""}
_SHARES = ("format_share", "exact_match", "everyday", "invented")
_RELATIVE = ("perplexity", "everyday_perplexity")
_ENDLESS = 99.0
_KIND = "\0kind"  # no task has this name
_KINDS = {
    "arithmetic": N_("Arithmetic"),
    "facts": N_("General knowledge"),
    "language": N_("Language"),
    "reasoning": N_("Reasoning"),
    "code": N_("Code"),
    "nonsense": N_("Refusing nonsense"),
    "format": N_("Following a format"),
    "second_language": N_("A second language"),
}
"""Kinds of everyday questions."""
_OWN_NAMES = ("BLEU", "chrF", "ROUGE-L")


def measured(scores: EvaluationResult) -> Sentence:
    """Return what the scores were measured on, and what was left out."""
    examples = measured_on(scores.part, scores.examples, nested=scores.nested)
    if not scores.left_out:
        return _("Measured on {examples}.", examples=examples)
    return ngettext(
        "Measured on {examples}. {count:,} more was left out, as this fine-tune learned from a "
        "rating of it.",
        "Measured on {examples}. {count:,} more were left out, as this fine-tune learned from "
        "ratings of them.",
        scores.left_out,
        examples=examples,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One score beside that of another model, as it is read.

    Attributes:
        change: with its interval; ``""`` where none is known.
        word: what it says; ``None`` where nothing is known.
        glossary: where it is explained, ``""`` for nowhere.
        against: the run that it is compared with, ``""`` for the base model.
    """

    measure: str
    name: str
    before: str
    after: str
    change: str
    word: Word | None
    glossary: str
    against: str = ""

    @property
    def said(self) -> str:
        """The word as it is read."""
        return _(WORDS[self.word]) if self.word else ""

    @property
    def text(self) -> Sentence:
        """The whole line in words."""
        if self.word is None:
            return _(
                "{name}: base {before}, yours {after}",
                name=self.name,
                before=self.before,
                after=self.after,
            )
        if self.against:
            return _(
                "{name}: “{run}” {before}, yours {after}: {change}, {word}",
                name=self.name,
                run=self.against,
                before=self.before,
                after=self.after,
                change=self.change,
                word=self.said,
            )
        return _(
            "{name}: base {before}, yours {after}: {change}, {word}",
            name=self.name,
            before=self.before,
            after=self.after,
            change=self.change,
            word=self.said,
        )


def lines_of(found: Iterable[Difference]) -> list[Line]:
    """Return one line for each difference, in the order of the names above."""
    order = list(NAMES)
    known = [one for one in found if one.measure in NAMES]
    return [_line(one) for one in sorted(known, key=lambda one: order.index(one.measure))]


def groups_of(result: EvaluationResult) -> list[tuple[str, list[Line]]]:
    """Return all lines in groups with their heading, those beside the base without one first."""
    if not result.differences:
        return [("", _without_intervals(result))]
    groups: dict[tuple[str, str], list[Difference]] = {}
    for one in result.differences:
        kind = one.measure == "everyday" and one.task in _KINDS
        groups.setdefault((one.against, _KIND if kind else one.task), []).append(one)
    order = sorted(groups, key=lambda key: (key[0] != "base", key[0], key[1] != "", key[1]))
    found = [(_heading(*key), lines_of(groups[key])) for key in order]
    return [*found, *_beside_single_tasks(result)]


def _beside_single_tasks(result: EvaluationResult) -> list[tuple[str, list[Line]]]:
    """Return what a mixture costs each of its tasks."""
    groups: dict[tuple[str, str], list[Difference]] = {}
    for one in result.single_tasks:
        groups.setdefault((one.task, one.against), []).append(one)
    return [
        (
            _("Task “{task}” beside “{run}”, which learned it alone", task=task, run=against),
            lines_of(some),
        )
        for (task, against), some in groups.items()
    ]


def _heading(against: str, task: str) -> Sentence | str:
    """Return what a group of differences is about; ``""`` for everything beside the base."""
    if task == _KIND:
        return _("Everyday questions by kind")
    if against == "base" and task == OWN_TASK:
        return _("Your own questions with an expected answer")
    if against == "base":
        return _("Task “{task}”", task=task) if task else ""
    if task:
        return _("Beside “{run}”, task “{task}”", run=against, task=task)
    return _("Beside “{run}”", run=against)


def notes_of(result: EvaluationResult) -> list[Sentence]:
    """Return what stands below the scores: prompts, what is a right format, what was not asked."""
    notes = prompted_lines(result.prompted)
    notes += [described(rules, task) for task, rules in result.rules.items()]
    if result.own_learned:
        notes.append(
            ngettext(
                "{count:,} question of your own was not asked: the fine-tune was trained on it.",
                "{count:,} questions of your own were not asked: the fine-tune was trained on "
                "them.",
                len(result.own_learned),
            )
        )
    return notes


def prompted_lines(prompted: Sequence[Prompted]) -> list[Sentence]:
    """Return what the base reaches with examples in its prompt, a line for each number of them."""
    lines = []
    for one in prompted:
        title = ngettext(
            "Base with {count:,} example in its prompt",
            "Base with {count:,} examples in its prompt",
            one.shots,
        )
        lines.append(_("{name}: {value}", name=title, value=scores_text(one.scores)))
    if lines:
        yours = scores_text(prompted[-1].tuned)
        lines.append(_("{name}: {value}", name=_("Yours"), value=yours))
        asked = ngettext(
            "Asked with examples: {count:,} question.",
            "Asked with examples: {count:,} questions.",
            prompted[0].count,
        )
        lines.append(asked)
    return lines


def scores_text(scores: Mapping[str, float]) -> str:
    """Return scores in the order of the names above, on one line."""
    known = [name for name in NAMES if name in scores]
    return ", ".join(f"{_named(name)} {value_text(name, scores[name])}" for name in known)


def _named(measure: str) -> str:
    name = NAMES[measure]
    return name if name in _OWN_NAMES else _(name)


def value_text(measure: str, value: float) -> str:
    """Return a score as it is shown."""
    if measure in _SHARES:
        return f"{number(100 * value, '.0f')} %"
    return number(value, ".1f" if value < 1000 else ",.0f")


def change_text(found: Difference) -> str:
    """Return a change with its interval: in points, or for a perplexity as a share of it."""
    change = found.after - found.before
    if found.measure in _RELATIVE:
        change = found.after / found.before - 1 if found.before else 0.0
    parts = [_signed(found.measure, value) for value in (change, found.low, found.high)]
    return _("{change} ({low} to {high})", change=parts[0], low=parts[1], high=parts[2])


def _signed(measure: str, value: float) -> str:
    if measure in _RELATIVE:
        return "∞" if value > _ENDLESS else f"{number(100 * value, '+.0f')} %"
    if measure in _SHARES:
        return number(100 * value, "+.0f")
    return number(value, "+.1f")


def _without_intervals(result: EvaluationResult) -> list[Line]:
    """The scores alone, as earlier versions measured them."""
    forgotten = result.forgetting
    pairs = {name: (getattr(result.base, name, None), getattr(result.tuned, name, None))
             for name in NAMES}  # fmt: skip
    if forgotten is not None:
        pairs["everyday_perplexity"] = (forgotten.base, forgotten.tuned)
    return [
        _line_of(name, before, after)
        for name, (before, after) in pairs.items()
        if before is not None and after is not None
    ]


def _line(one: Difference) -> Line:
    line = _line_of(one.measure, one.before, one.after, change_text(one), one.word)
    line = replace(line, against="" if one.against == "base" else one.against)
    kind = _KINDS.get(one.task) if one.measure == "everyday" else None
    return replace(line, name=_(kind), glossary="") if kind else line


def _line_of(
    measure: str, before: float, after: float, change: str = "", word: Word | None = None
) -> Line:
    return Line(
        measure=measure,
        name=_named(measure),
        before=value_text(measure, before),
        after=value_text(measure, after),
        change=change,
        word=word,
        glossary=_GLOSSARY.get(measure, measure),
    )
