"""The base with 0, 1, 3 and 5 examples in its prompt: its scores, and its share of the gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.data.example import Example
from core.evaluation.compared import Formatting
from core.evaluation.prompts.shots import SHOTS, Asker, ask_all, beside, scores_of
from core.jobs.link import JobLink
from core.jobs.scores import Prompted
from core.language import _


def prompted(
    asker: Asker,
    questions: Sequence[Example],
    formatting: Formatting,
    sides: tuple[Sequence[str], Sequence[str]],
    measure: str,
    *,
    link: JobLink,
) -> list[Prompted]:
    """Return how the base does with examples, beside itself without them and the fine-tune.

    Args:
        sides: the answers of both to the same questions, without examples.
        measure: the score by which the gain is counted.
    """
    references = [question.answer for question in questions]
    plain = [scores_of(side, questions, formatting) for side in sides]
    found = [Prompted(shots=0, count=len(questions), scores=plain[0], tuned=plain[1])]
    told = telling(link, len(SHOTS) * len(questions))
    for one, answers in ask_all(asker, questions, formatting, told):
        reached = beside(answers, sides[0], sides[1], references, measure)
        found.append(one.model_copy(update={"base": plain[0], "tuned": plain[1], **reached}))
    return found if len(found) > 1 else []


def telling(link: JobLink, total: int) -> Callable[[int], None]:
    """Return what tells how far the base is."""

    def progress(done: int) -> None:
        phase = _("The base model answers with examples before each question")
        link.progress(phase, done, total, _("questions"))

    return progress
