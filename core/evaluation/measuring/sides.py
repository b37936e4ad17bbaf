"""One of the two models under evaluation: what it scores and what it answers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from core.chat.cuts import Answer
from core.chat.tokens import TokenTable, render_prompt
from core.data.example import Example, Message
from core.evaluation import metrics
from core.evaluation.compared import Formatting
from core.evaluation.everyday.general import fresh_questions
from core.evaluation.measuring.losses import example_losses, mean
from core.evaluation.paired import Measured
from core.evaluation.prompts.room import answer_budget
from core.evaluation.tuned import Tuned
from core.generation.answers import evaluating, generate_answers
from core.jobs.link import JobLink
from core.jobs.scores import Scores
from core.language import _


@dataclass(frozen=True)
class Found:
    """What one model scored, and what it answered to held-out and to everyday questions."""

    scores: Scores
    answers: list[Answer]
    general: list[Answer]
    measured: Measured = field(default_factory=Measured)
    unknowable: list[Answer] = field(default_factory=list)
    own: list[Answer] = field(default_factory=list)


def everyday_of(tuned: Tuned) -> list[dict[str, str]]:
    """Return the everyday questions about which a fine-tune learned no judgement."""
    return fresh_questions(tuned.facts.judged_questions, tuned.judged_texts)


@dataclass(frozen=True)
class Asked:
    """What both models answer besides everyday questions.

    Attributes:
        unseen: held-out examples.
        own: your own questions.
        unknowable: questions about what does not exist.
    """

    unseen: list[Example]
    own: list[Example] = field(default_factory=list)
    unknowable: list[Example] = field(default_factory=list)


@dataclass(frozen=True)
class _Questions:
    """Conversations to be answered, each with this many tokens at most."""

    conversations: Sequence[tuple[Message, ...]]
    budget: int


@dataclass(frozen=True)
class Side:
    """One of the two models under evaluation: the same loaded base, adapter off or on."""

    tuned: Tuned
    name: str
    table: TokenTable
    asked: Asked
    formatting: Formatting = field(default_factory=Formatting)

    def measured(self, link: JobLink) -> Found:
        """Return its scores and its answers to all that is asked."""
        model = self.tuned.model
        with model.disable_adapter() if self.name == "base" else nullcontext(), evaluating(model):
            link.progress(self._measuring())
            losses = example_losses(self.tuned, self.table)
            answers, own, unknowable, general = self._answer(self._questions(), link)
        unseen = self.asked.unseen
        texts = [answer.text for answer in answers]
        formatted = self.formatting.of_answers(texts, [e.task for e in unseen])
        of_texts = metrics.text_scores(texts, [example.answer for example in unseen])
        if formatted is not None:
            of_texts["format_share"] = sum(formatted) / len(formatted)
        loss = mean(losses)
        scores = Scores(loss=loss, perplexity=metrics.perplexity(loss, 1), **of_texts)
        measured = Measured(losses, texts, formatted)
        return Found(scores, answers, general, measured, unknowable, own)

    def _measuring(self) -> str:
        if self.name == "base":
            return _("Measuring the base model on unseen examples")
        return _("Measuring the fine-tune on unseen examples")

    def _answering(self) -> str:
        return _("The base model answers") if self.name == "base" else _("The fine-tune answers")

    def _questions(self) -> list[_Questions]:
        """Unseen examples, your own, what cannot be known, and everyday questions."""
        room = answer_budget(self.tuned.device, self.table)
        asked = [
            _Questions([example.messages[:-1] for example in examples], room)
            for examples in (self.asked.unseen, self.asked.own, self.asked.unknowable)
        ]
        everyday = everyday_of(self.tuned)
        turns = [(Message("user", question["question"]),) for question in everyday]
        return [*asked, _Questions(turns, answer_budget(self.tuned.device))]

    def _answer(self, asked: Sequence[_Questions], link: JobLink) -> Iterator[list[Answer]]:
        """Answer all in one go; yield the answers to each of the groups."""
        conversations = [turns for some in asked for turns in some.conversations]
        total, phase = len(conversations), self._answering()

        def progress(done: int) -> None:
            link.progress(phase, done, total, _("questions"))

        answers = iter(
            generate_answers(
                self.tuned.model,
                self.tuned.tokenizer,
                [render_prompt(self.tuned.tokenizer, turns) for turns in conversations],
                max_new_tokens=[some.budget for some in asked for _turns in some.conversations],
                progress=progress,
            )
        )
        for some in asked:
            yield list(itertools.islice(answers, len(some.conversations)))
