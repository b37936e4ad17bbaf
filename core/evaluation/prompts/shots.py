"""The base model with examples before the question: its answers, scores and share of the gain."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.chat.tokens import render_prompt
from core.data.example import Example, Message
from core.errors import UserFacingError
from core.evaluation.compared import Formatting
from core.evaluation.intervals import TOGETHER, drawn, of_resamples
from core.evaluation.metrics import text_scores
from core.evaluation.paired import Measured, differences, figures_of
from core.evaluation.prompts.nearest import Nearest
from core.generation.answers import evaluating, generate_answers
from core.jobs.scores import Prompted

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHOTS = (1, 3, 5)
_CONTEXT = {"cuda": 8192, "cpu": 2048}  # tokens of a prompt, if the model reads as many
_KEEP = 0.5  # of the questions must have room for all examples


@dataclass(frozen=True)
class Asker:
    """A loaded base that is asked with examples of the training part."""

    model: Any
    tokenizer: PreTrainedTokenizerBase
    device: str
    nearest: Nearest
    budget: int

    def prompt(self, question: Example, shots: int) -> tuple[str, int]:
        """Return the prompt, and how many examples it holds: as many as there is room for."""
        chosen = self.nearest.to(question, shots)
        room = self._room()
        while True:
            text = render_prompt(self.tokenizer, with_examples(question, chosen))
            if (
                not chosen
                or len(self.tokenizer(text, add_special_tokens=False)["input_ids"]) <= room
            ):
                return text, len(chosen)
            chosen = chosen[1:]  # the least similar one

    def answers(
        self, questions: Sequence[Example], shots: Sequence[int], progress: Callable[[int], None]
    ) -> dict[int, list[str]]:
        """Return the base's answers by number of examples, all written in one go.

        It ends with the number for which too few questions have room, or which the chat template
        cannot show.
        """
        prompts: dict[int, list[str]] = {}
        for count in shots:
            some = self._prompts(questions, count)
            if some is None:
                break
            prompts[count] = some
        adapter_off = getattr(self.model, "disable_adapter", nullcontext)
        with adapter_off(), evaluating(self.model):
            found = generate_answers(
                self.model,
                self.tokenizer,
                list(itertools.chain.from_iterable(prompts.values())),
                max_new_tokens=self.budget,
                progress=progress,
            )
        texts = iter(answer.text for answer in found)
        return {count: list(itertools.islice(texts, len(questions))) for count in prompts}

    def _prompts(self, questions: Sequence[Example], shots: int) -> list[str] | None:
        """``None`` where too few questions have room for the examples."""
        try:
            prompts = [self.prompt(question, shots) for question in questions]
        except UserFacingError:
            return None
        if sum(held == shots for _text, held in prompts) < _KEEP * len(questions):
            return None
        return [text for text, _held in prompts]

    def _room(self) -> int:
        config = self.model.config.get_text_config()
        reads = getattr(config, "max_position_embeddings", None) or _CONTEXT["cpu"]
        return min(int(reads), _CONTEXT[self.device.partition(":")[0]]) - self.budget


def with_examples(question: Example, chosen: Sequence[Example]) -> tuple[Message, ...]:
    """Return the conversation in which the examples were asked and answered before."""
    own = question.messages[:-1]
    system = tuple(m for m in own[:1] if m.role == "system")
    shown = [m for example in chosen for m in example.messages if m.role != "system"]
    return (*system, *shown, *own[len(system) :])


def scores_of(
    answers: Sequence[str], questions: Sequence[Example], formatting: Formatting
) -> dict[str, float]:
    """Return the scores of answers by name."""
    scores = text_scores(answers, [question.answer for question in questions])
    formatted = formatting.of_answers(answers, [question.task for question in questions])
    return scores if formatted is None else {
        **scores, "format_share": sum(formatted) / len(formatted)
    }  # fmt: skip


def beside(
    answers: Sequence[str],
    base: Sequence[str],
    tuned: Sequence[str],
    references: Sequence[str],
    measure: str,
) -> dict[str, Any]:
    """Return what a prompt reaches of the fine-tune's gain, as fields of :class:`Prompted`.

    Args:
        answers: of the base with examples; ``base`` without, ``tuned``: of the fine-tune.
        measure: by which score.
    """
    total, rows = figures_of(measure, [base, answers, tuned], references)
    sums = [total(of.sum(axis=0, keepdims=True))[0] for of in rows]
    found: dict[str, Any] = {"measure": measure}
    pair = differences(Measured(answers=answers), Measured(answers=tuned), references, against="")
    found["word"] = next(one.word for one in pair if one.measure == measure)
    gain = differences(Measured(answers=base), Measured(answers=tuned), references, against="")
    if next(one.word for one in gain if one.measure == measure) != "better":
        return found
    shares = []
    for weights in drawn(len(references)):
        low, middle, high = (total(weights @ of) for of in rows)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares.append(np.nan_to_num((middle - low) / (high - low), posinf=9.0, neginf=-9.0))
    interval = of_resamples(np.concatenate(shares), len(references), TOGETHER)
    share = float((sums[1] - sums[0]) / (sums[2] - sums[0]))
    return {**found, "share": share, "low": interval.low, "high": interval.high}


def ask_all(
    asker: Asker,
    questions: Sequence[Example],
    formatting: Formatting,
    progress: Callable[[int], None],
) -> list[tuple[Prompted, list[str]]]:
    """Ask with 1, 3 and 5 examples, as far as there is room; return scores and answers."""
    return [
        (
            Prompted(
                shots=shots, count=len(questions), scores=scores_of(answers, questions, formatting)
            ),
            answers,
        )
        for shots, answers in asker.answers(questions, SHOTS, progress).items()
    ]
