"""Which questions were judged: what a model learned from is never again an unseen question.

A fine-tune keeps the hashes of the questions that it, or a fine-tune before it, learned judgements
about. Scores, answers and ratings of it leave these questions out, and near copies of them: those
are found by the texts that it learned from, which lie in the run folders.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.data.example import Example
from core.data.findings.near.texts import NEAR, are_near
from core.errors import UserFacingError
from core.jobs.spec import TrainParams, asked_of
from core.project import Project, RunFolder
from core.training.preferences.judgement import Judgement, read_judgements
from core.training.result import read_facts

_LETTERS = 16


def question_hash(text: str) -> str:
    """Return the hash of a question; white space and capitals make no difference."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:_LETTERS]


def hashes_of(judgement: Judgement) -> set[str]:
    """Return the hashes of its question, with and without what the model was told before it."""
    turns = [turn.content for turn in judgement.turns if turn.role != "system"]
    return {question_hash(judgement.question), question_hash("\n\n".join(turns))}


def fresh(
    examples: Sequence[Example],
    judged: Collection[str],
    texts: Sequence[JudgedText] = (),
    threshold: float = NEAR,
) -> list[bool]:
    """Return for each example whether neither its question nor a near copy of it was judged.

    The same words under another system prompt are the same question, unless several examples have
    them: then what differs stands in the system prompt.

    Args:
        judged: hashes of the judged questions.
        texts: what is known of their texts; ``threshold``: from which similarity one is a copy.
    """
    if not judged:
        return [True] * len(examples)
    bare = [_without_system(example) for example in examples]
    hashes = [question_hash(text) for text in bare]
    count = Counter(hashes)
    whole = [example.question for example in examples]
    near = are_near(whole, [text.whole for text in texts], threshold)
    near_bare = are_near(bare, [text.bare for text in texts], threshold)
    return [
        not (question_hash(whole[n]) in judged or near[n])
        and not ((own in judged or near_bare[n]) and count[own] == 1)
        for n, own in enumerate(hashes)
    ]


def _without_system(example: Example) -> str:
    return "\n\n".join(m.content for m in example.messages[:-1] if m.role != "system")


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A judged question, with and without what the model was told before it."""

    whole: str
    bare: str

    @classmethod
    def of(cls, judgement: Judgement) -> JudgedText:
        """Return the question of a judgement."""
        turns = [turn.content for turn in judgement.turns if turn.role != "system"]
        return cls(judgement.question, "\n\n".join(turns))


def judged_texts(project: Project, name: str | None) -> list[JudgedText]:
    """Return the questions that the run ``name`` and those before it learned from.

    What was deleted since is missing: of it only the hashes are left.
    """
    found: dict[JudgedText, None] = {}
    seen: set[str] = set()
    while name and name not in seen:
        seen.add(name)
        run = project.run(name)
        params = asked_of(run)
        if not isinstance(params, TrainParams):
            break
        if params.preferences is not None:
            with suppress(UserFacingError):
                judgements = read_judgements(run, params.preferences.judgements)
                found |= dict.fromkeys(map(JudgedText.of, judgements))
        name = params.more_of
    return list(found)


def judged_before(project: Project, name: str | None) -> set[str]:
    """Return the hashes of the questions that the run ``name`` and those before it learned from.

    Raises:
        UserFacingError: one of them is gone, or cannot be read.
    """
    found: set[str] = set()
    seen: set[str] = set()
    while name and name not in seen:
        run = project.run(name)
        if run.facts_file.is_file():
            return found | set(read_facts(run).judged_questions)
        seen.add(name)
        params = asked_of(run)
        if not isinstance(params, TrainParams):
            break
        found |= judged_in(run, params)
        name = params.more_of
    return found


def judged_in(run: RunFolder, params: TrainParams) -> set[str]:
    """Return the hashes of the questions that a run itself learns from.

    Raises:
        UserFacingError: its judgements are damaged.
    """
    if params.preferences is None:
        return set()
    found = read_judgements(run, params.preferences.judgements)
    return set().union(*map(hashes_of, found))
