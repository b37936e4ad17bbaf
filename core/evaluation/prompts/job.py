"""The job ``prompts``: would a prompt do? Asked before anything is trained.

Questions are taken from the validation part, so that the test part stays untouched by what you
decide here; the examples in the prompt from the training part.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.chat.everyday import choices_of, early_questions
from core.chat.packing import collate
from core.chat.tokens import tokenise
from core.data.dataset import DatasetVersion
from core.data.example import Example, Part
from core.evaluation.compared import Formatting, wanted_format
from core.evaluation.everyday.forgetting import taken
from core.evaluation.paired import Measured, differences
from core.evaluation.prompts.baseline import telling
from core.evaluation.prompts.nearest import Nearest
from core.evaluation.prompts.room import room_for
from core.evaluation.prompts.shots import SHOTS, Asker, scores_of
from core.evaluation.prompts.spec import PromptsParams, PromptsResult, Tried
from core.evaluation.summary import OFTEN_EXACT
from core.generation.answers import evaluating
from core.jobs.link import JobLink
from core.jobs.scores import Word
from core.language import _
from core.models.inspection import inspect_model
from core.models.loading import load_tokenizer, training_device
from core.models.sample import ensure, sample_model_folder
from core.project import Project, RunFolder
from core.training.loss import token_losses

_LENGTH = 2048  # tokens of an example whose answer is measured
_OF_A_TASK = 5  # fewer examples say nothing about a kind of task


def run_prompts(folder: RunFolder, params: PromptsParams, link: JobLink) -> PromptsResult:
    """Ask the base, score its answers, and measure how much the expected ones surprise it."""
    project = Project.of_run(folder)
    version = DatasetVersion.load(project.version_folder(params.dataset_version))
    part: Part = "validation" if version.counts.get("validation") else "test"
    questions = list(itertools.islice(version.examples(part), params.questions))
    formatting = Formatting.of(wanted_format(project), version.examples("train"))
    base = _load(Path(params.base_model), link)
    known = _surprise(base, questions)
    budget = room_for(known.longest, base.device)
    nearest = Nearest.of(version.examples("train"))
    asker = Asker(base.model, base.tokenizer, base.device, nearest, budget)
    return PromptsResult(
        part=part,
        questions=len(questions),
        answers=known.answers,
        tasks=known.tasks,
        everyday=_everyday(base) if known.answers is not None else None,
        **_tried(asker, questions, formatting, link),
    )


@dataclass(frozen=True)
class _Base:
    model: Any
    tokenizer: Any
    device: str


def _load(folder: Path, link: JobLink) -> _Base:
    from core.training.engine.answering import load_to_answer, write_out_if_room

    link.progress(_("Loading the base model"))
    if folder == sample_model_folder():
        ensure(link.progress)
    inspect_model(folder)
    device = training_device()
    model = load_to_answer(folder, "nf4", device)
    write_out_if_room(model, device)
    model.eval()
    return _Base(model, load_tokenizer(folder), device)


def _tried(
    asker: Asker, questions: Sequence[Example], formatting: Formatting, link: JobLink
) -> dict[str, Any]:
    """Ask with more and more examples; return the fields of the result."""
    references = [question.answer for question in questions]
    counts = (0, *SHOTS)
    found = asker.answers(questions, counts, telling(link, len(counts) * len(questions)))
    scores = {shots: scores_of(answers, questions, formatting) for shots, answers in found.items()}
    often = max((of["exact_match"] for of in scores.values()), default=0.0) >= OFTEN_EXACT
    measure = "exact_match" if often else "chrf"
    tried = [
        Tried(
            shots=shots,
            scores=scores[shots],
            word=_word(found[0], answers, references, measure) if shots else "unknown",
        )
        for shots, answers in found.items()
    ]
    return {"tried": tried, "measure": measure}


def _word(plain: list[str], answers: list[str], references: list[str], measure: str) -> Word:
    found = differences(Measured(answers=plain), Measured(answers=answers), references, against="")
    return next(one.word for one in found if one.measure == measure)


@dataclass(frozen=True)
class _Surprise:
    """Nats per token of the expected answers, all and by task, and the longest of them."""

    answers: float | None
    tasks: dict[str, float]
    longest: int


def _surprise(base: _Base, questions: Sequence[Example]) -> _Surprise:
    import torch

    sums: dict[str, list[tuple[float, int]]] = {}
    for question in questions:
        one = tokenise(base.tokenizer, question, _LENGTH)
        if one.problem or not one.trained:
            continue
        with torch.no_grad(), evaluating(base.model):
            losses = token_losses(base.model, collate([one.row]), base.device)
        sums.setdefault(question.task, []).append((float(losses.double().sum()), one.trained))
    everything = [pair for pairs in sums.values() for pair in pairs]
    large = {task: pairs for task, pairs in sums.items() if task and len(pairs) >= _OF_A_TASK}
    return _Surprise(
        answers=_mean(everything) if everything else None,
        tasks={task: _mean(pairs) for task, pairs in large.items()} if len(sums) > 1 else {},
        longest=max((tokens for _nats, tokens in everything), default=0),
    )


def _mean(pairs: Sequence[tuple[float, int]]) -> float:
    return sum(nats for nats, _tokens in pairs) / sum(tokens for _nats, tokens in pairs)


def _everyday(base: _Base) -> float:
    choices = choices_of(base.tokenizer, early_questions())
    with evaluating(base.model):
        losses = taken(base.model, choices, base.device, lambda _done: None).losses
    return float(losses[:, 0].sum() / losses[:, 1].sum())
