"""The differences of one evaluation: from its base model, and from earlier fine-tunes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from core.data.dataset import DatasetVersion
from core.data.example import Example
from core.data.mixture import GENERAL_FILE
from core.errors import UserFacingError
from core.evaluation.formats import Formats, in_format, learned_formats
from core.evaluation.intervals import FEWEST, Floats
from core.evaluation.metrics import format_matches
from core.evaluation.paired import Measured, differences
from core.evaluation.stored import Answers, Evaluation, read_evaluation
from core.jobs.scores import Difference
from core.jobs.spec import TrainingFacts
from core.project import Project, RunFolder
from core.storage.ordinary import is_ordinary_file
from core.training.result import read_trained

_MOST_EARLIER = 3


@dataclass(frozen=True)
class Formatting:
    """What format answers should have: the project's own pattern, or what the examples share."""

    pattern: str = ""
    rules: Formats = field(default_factory=dict)

    @classmethod
    def of(cls, pattern: str, training: Iterable[Example]) -> Self:
        """Return ``pattern`` where there is one, else what the training answers share."""
        return cls(pattern) if pattern else cls(rules=learned_formats(training))

    def of_answers(self, answers: Sequence[str], tasks: Sequence[str]) -> list[bool] | None:
        """Return which answers are in the format; ``None`` where there is none."""
        if self.pattern:
            return format_matches(answers, self.pattern)
        if not self.rules:
            return None
        pairs = zip(answers, tasks, strict=True)
        return [in_format(answer, self.rules.get(task, ())) for answer, task in pairs]


def wanted_format(project: Project) -> str:
    """Return the regular expression that answers of this project should match, ``""`` for none."""
    return str(project.info().get("answer_format", ""))


def compared_with_base(evaluation: Evaluation, base: Measured, tuned: Measured) -> list[Difference]:
    """Return every score beside the base's."""
    references = [answer.reference for answer in evaluation.held_out]
    return differences(base, tuned, references, _tasks(evaluation))


def everyday_difference(base: Floats, tuned: Floats) -> list[Difference]:
    """Return what the fine-tune lost on everyday answers: the base's own, and right ones.

    Args:
        base: nats and tokens of each answer [n, 2] under the base; ``tuned``: under the fine-tune.
    """
    found = differences(Measured(base), Measured(tuned), ())
    return [one.model_copy(update={"measure": "everyday_perplexity"}) for one in found]


def compared_with_earlier(
    project: Project, evaluation: Evaluation, formatting: Formatting
) -> list[Difference]:
    """Return every score beside those of the last fine-tunes that answered the same questions."""
    found: list[Difference] = []
    for run in sorted(project.runs("train"), key=lambda run: run.name, reverse=True):
        if run.name >= evaluation.run or not is_ordinary_file(run.evaluation_file):
            continue
        with suppress(UserFacingError):  # a damaged one is no reason to measure nothing
            found += _with_one(evaluation, read_evaluation(run), run.name, formatting)
        if len({one.against for one in found}) == _MOST_EARLIER:
            break
    return found


def compared_with_single(
    project: Project, evaluation: Evaluation, formatting: Formatting
) -> list[Difference]:
    """Return what a mixture costs each task: its scores beside a run that learned it alone.

    Of several such runs of the same base, the newest with enough of the same questions counts.
    """
    tasks = sorted({row.task for row in evaluation.rows})
    if len(tasks) < 2 and not _is_mixture(project, evaluation):
        return []
    found: dict[str, list[Difference]] = {}
    for run in sorted(project.runs("train"), key=lambda run: run.name, reverse=True):
        if run.name == evaluation.run or not is_ordinary_file(run.evaluation_file):
            continue
        with suppress(UserFacingError):
            if not _learned_one_task(project, run) or not _same_base(project, evaluation, run):
                continue
            other = read_evaluation(run)
            for task in tasks:
                beside = _with_one(
                    evaluation, other, run.name, formatting, task=task, families=len(tasks)
                )
                if beside:
                    found.setdefault(task, beside)
    return [one for task in tasks for one in found.get(task, ())]


def _is_mixture(project: Project, evaluation: Evaluation) -> bool:
    """Whether the run learned several tasks, though unseen questions may be of one only."""
    with suppress(UserFacingError):  # its examples may be gone
        return len(_tasks_learned(project, read_trained(project.run(evaluation.run)))) > 1
    return False


def _learned_one_task(project: Project, run: RunFolder) -> bool:
    """Whether all of its training examples belong to one task, general ones aside."""
    facts = read_trained(run)
    if facts.more_of or facts.judged_questions:  # it learned something else, too
        return False
    return len(_tasks_learned(project, facts)) == 1


def _tasks_learned(project: Project, facts: TrainingFacts) -> set[str]:
    version = DatasetVersion.load(project.version_folder(facts.dataset_version))
    return {
        example.task for example in version.examples("train") if example.source.file != GENERAL_FILE
    }


def _same_base(project: Project, evaluation: Evaluation, run: RunFolder) -> bool:
    mine, other = read_trained(project.run(evaluation.run)), read_trained(run)
    return (mine.base_contents or mine.base_model) == (other.base_contents or other.base_model)


def _tasks(evaluation: Evaluation) -> list[str]:
    return [row.task for row in evaluation.rows]


def _key(answer: Answers) -> tuple[str, str]:
    return answer.question, answer.reference


def _with_one(
    mine: Evaluation,
    earlier: Evaluation,
    name: str,
    formatting: Formatting,
    *,
    task: str | None = None,
    families: int = 1,
) -> list[Difference]:
    """Compare on the questions that both answered, or on those of one task."""
    places = {_key(answer): n for n, answer in enumerate(earlier.held_out)}
    pairs = [(n, places[_key(a)]) for n, a in enumerate(mine.held_out) if _key(a) in places]
    if task is not None:
        of = _tasks(mine)
        pairs = [pair for pair in pairs if pair[0] < len(of) and of[pair[0]] == task]
    if len(pairs) < FEWEST:
        return []
    own, other = ([pair[side] for pair in pairs] for side in (0, 1))
    tasks = [mine.rows[n].task if n < len(mine.rows) else "" for n in own]
    after = _measured(mine, own, tasks, formatting)
    before = _measured(earlier, other, tasks, formatting)
    if not _same_tokens(before, after):  # another tokenizer: nothing to compare
        before, after = (Measured(None, m.answers, m.formatted) for m in (before, after))
    references = [mine.held_out[n].reference for n in own]
    found = differences(before, after, references, tasks, against=name, families=families)
    return found if task is None else [one.model_copy(update={"task": task}) for one in found]


def _same_tokens(before: Measured, after: Measured) -> bool:
    if before.losses is None or after.losses is None:
        return False
    return bool((before.losses[:, 1] == after.losses[:, 1]).all())


def _measured(
    one: Evaluation, places: Sequence[int], tasks: Sequence[str], formatting: Formatting
) -> Measured:
    answers = [one.held_out[n].tuned for n in places]
    known = all(n < len(one.rows) for n in places)
    losses = [[one.rows[n].tuned, one.rows[n].tokens] for n in places] if known else None
    return Measured(
        losses=None if losses is None else np.array(losses, float),
        answers=answers,
        formatted=formatting.of_answers(answers, tasks),
    )
