"""Questions of your own: asked in every comparison of a project, with or without expected answer.

They are judged blind and looked through for invented facts. Scores are only computed of those with
an expected answer, beside the scores of the examples and never among them: nobody drew them at
random.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.evaluation.paired import Measured, differences
from core.jobs.scores import Difference
from core.language import _
from core.project import Project
from core.storage.files import explained_io, read_json, write_json
from core.storage.ordinary import is_ordinary_file, read_ordinary

OWN: Literal["own"] = "own"
"""The kind of their answers and cases."""
OWN_TASK = "own_questions"
"""The task of their scores."""
MOST_QUESTIONS = 200
LONGEST = 8000
_LARGEST = 8 << 20


class OwnQuestion(BaseModel):
    """One question; ``answer`` is ``""`` where none is expected."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    question: str = Field(min_length=1, max_length=LONGEST)
    answer: str = Field(default="", max_length=LONGEST)


_LIST = TypeAdapter(list[OwnQuestion])


def read_own_questions(project: Project) -> list[OwnQuestion]:
    """Return the questions of a project.

    Raises:
        UserFacingError: the file cannot be read, or is damaged (code ``questions.damaged``).
    """
    if not is_ordinary_file(project.own_questions_file):
        return []
    try:
        found = _LIST.validate_python(read_json(project.own_questions_file, _LARGEST))
    except ValidationError as error:
        raise UserFacingError(
            "questions.damaged",
            _("Your own questions in this project are damaged and cannot be read."),
            _("Delete {path} and add them again.", path=str(project.own_questions_file)),
            str(error),
        ) from error
    return found[:MOST_QUESTIONS]


def write_own_questions(project: Project, questions: Sequence[OwnQuestion]) -> None:
    """Keep these questions in the project, each once.

    Raises:
        UserFacingError: there are too many (code ``questions.too_many``), or the disk refuses.
    """
    kept = list({one.question: one for one in questions}.values())
    if len(kept) > MOST_QUESTIONS:
        raise UserFacingError(
            "questions.too_many",
            _("A project can have {most:,} questions of your own.", most=MOST_QUESTIONS),
            _("Remove some first."),
        )
    write_json(project.own_questions_file, [one.model_dump() for one in kept])


def pasted_questions(text: str) -> list[OwnQuestion]:
    """Return the questions in a text: one a line, an expected answer after a tab.

    Cells as a spreadsheet copies them may hold several lines in quotes.
    """
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter="\t", strict=True))
    except csv.Error:
        rows = [line.split("\t") for line in text.splitlines()]
    found = []
    for row in rows:
        question, answer = (cell.strip()[:LONGEST] for cell in (*row, "", "")[:2])
        if question:
            found.append(OwnQuestion(question=question, answer=answer))
    return found


def questions_of_file(path: Path) -> list[OwnQuestion]:
    """Return the questions in a text file, see :func:`pasted_questions`.

    Raises:
        UserFacingError: it cannot be read.
    """
    with explained_io(path):
        content = read_ordinary(path, _LARGEST, follow=True)
    return pasted_questions(content.decode("utf-8-sig", errors="replace"))


def without_learned(
    questions: Sequence[OwnQuestion], training: Iterable[Example]
) -> tuple[list[OwnQuestion], list[str]]:
    """Return the questions that were not trained on, and those that were."""
    if not questions:
        return [], []
    wanted = {_folded(one.question) for one in questions}
    learned = {
        text
        for example in training
        if len(example.messages) > 1 and (text := _folded(example.messages[-2].content)) in wanted
    }
    left = [one for one in questions if _folded(one.question) not in learned]
    return left, [one.question for one in questions if _folded(one.question) in learned]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def own_examples(questions: Sequence[OwnQuestion], others: Iterable[Example]) -> list[Example]:
    """Return the questions as examples are asked: with the system message that all others share."""
    shared = {one.messages[0] for one in others if one.messages}
    system = tuple(shared) if len(shared) == 1 else ()
    if system and system[0].role != "system":
        system = ()
    return [
        Example(
            (*system, Message("user", one.question), Message("assistant", one.answer)),
            Source("own questions", number),  # not shown: a source in data
        )
        for number, one in enumerate(questions, 1)
    ]


def own_differences(
    examples: Sequence[Example], base: Sequence[str], tuned: Sequence[str]
) -> list[Difference]:
    """Return the scores of those that have an expected answer."""
    known = [place for place, example in enumerate(examples) if example.answer]
    if not known:
        return []
    before, after = (Measured(answers=[of[place] for place in known]) for of in (base, tuned))
    found = differences(before, after, [examples[place].answer for place in known])
    return [one.model_copy(update={"task": OWN_TASK}) for one in found]
