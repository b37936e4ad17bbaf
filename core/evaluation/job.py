"""The job ``evaluate``: scores and answers of base model and fine-tune on unseen examples.

What it gives is in :mod:`core.jobs.spec`, and with the answers in ``evaluation.json`` of the run
that is evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.chat.cuts import Answer, is_cut, shown
from core.chat.everyday import everyday_questions
from core.chat.packing import collate
from core.chat.tokens import TokenTable, build_table, tokenise
from core.data.example import Example, Message, Source
from core.evaluation import metrics
from core.evaluation.compared import (
    Formatting,
    compared_with_base,
    compared_with_earlier,
    compared_with_single,
    everyday_difference,
    wanted_format,
)
from core.evaluation.everyday.forgetting import Taken, everyday_answers
from core.evaluation.everyday.forgetting import differences as everyday_differences
from core.evaluation.facts.cases import (
    MOST_CASES,
    FactCase,
    cases_of,
    difference_of_cases,
    unknowable,
    usual_words,
)
from core.evaluation.intervals import Floats
from core.evaluation.measuring.losses import losses_of, mean
from core.evaluation.measuring.nested import nested, told
from core.evaluation.measuring.sides import Asked, Found, Side, everyday_of
from core.evaluation.own_questions import (
    OWN,
    own_differences,
    own_examples,
    read_own_questions,
    without_learned,
)
from core.evaluation.prompts.baseline import prompted
from core.evaluation.prompts.nearest import Nearest
from core.evaluation.prompts.room import answer_budget
from core.evaluation.prompts.shots import Asker
from core.evaluation.stored import MOST_ROWS, Answers, Evaluation, Row, Turn
from core.evaluation.summary import difference_of, measure_of_answers
from core.evaluation.tuned import Tuned, load_tuned
from core.jobs.link import JobLink
from core.jobs.scores import Forgetting, Prompted
from core.jobs.spec import EvaluateParams, EvaluationResult
from core.jobs.supervisor import read_events
from core.language import _
from core.project import Project, RunFolder
from core.storage.files import write_json
from core.training.preferences.questions import question_hash

_UNKNOWABLE = {"cuda": 40, "cpu": 6}  # questions about what does not exist


def run_evaluate(folder: RunFolder, params: EvaluateParams, link: JobLink) -> EvaluationResult:
    """Measure base model and fine-tune and let them answer; gives the scores only."""
    project = Project.of_run(folder)
    run = project.run(params.run)
    link.in_parts(7 if params.prompted else 6)
    link.progress(_("Loading the base model and the adapter"))
    tuned = load_tuned(project, run)
    tuned.require_fresh()
    examples = tuned.fresh_examples[: params.questions]
    table = _unseen_table(tuned)
    formatting = Formatting.of(wanted_format(project), tuned.version.examples("train"))
    questions, learned = without_learned(
        read_own_questions(project), tuned.version.examples("train")
    )
    own = tuned.unjudged(own_examples(questions, examples))
    unknown = unknowable(examples, _UNKNOWABLE[tuned.device.partition(":")[0]])
    asked = Asked(examples, own, unknown)
    base, mine = (
        Side(tuned, name, table, asked, formatting).measured(link) for name in ("base", "tuned")
    )
    mine, is_nested = _as_the_others_choose(tuned, table, mine)
    link.progress(_("Checking for forgotten knowledge"))
    known = _everyday(tuned, params.everyday, link)
    said = _everyday_losses(tuned, [answer.text for answer in base.general])
    right = known[0].losses, known[1].losses
    everyday = _joined(said, right) if said else right
    result = EvaluationResult(
        run=run.name,
        part=tuned.unseen_part,
        examples=len(set(table.examples)),
        left_out=tuned.version.counts.get(tuned.unseen_part, 0) - len(tuned.fresh_examples),
        own_learned=learned,
        nested=is_nested,
        format=formatting.pattern,
        rules=formatting.rules,
        base=base.scores,
        tuned=mine.scores,
        forgetting=_forgetting(everyday),
    )
    evaluation = Evaluation(
        **dict(result),
        answers=_paired(examples, base, mine, own, everyday_of(tuned)),
        rows=_rows(tuned, base, mine),
    )
    found = [
        *compared_with_base(evaluation, base.measured, mine.measured),
        *everyday_difference(*everyday),
        *compared_with_earlier(project, evaluation, formatting),
        *everyday_differences(*known),
        *own_differences(own, _texts(base.own), _texts(mine.own)),
    ]
    cases = _fact_cases(tuned, asked, base, mine)
    if invented := difference_of_cases(cases):
        found.append(invented)
    alone = compared_with_single(project, evaluation, formatting)
    more = {"differences": found, "cases": cases, "single_tasks": alone}
    evaluation = evaluation.model_copy(update=more)
    tried = _prompted(tuned, evaluation, formatting, params.prompted, link)
    evaluation = evaluation.model_copy(update={"prompted": tried})
    write_json(run.evaluation_file, evaluation.document())
    return evaluation.scores


def _as_the_others_choose(tuned: Tuned, table: TokenTable, mine: Found) -> tuple[Found, bool]:
    """Correct what examples lost that chose the best step; return whether it could be done."""
    losses, best = mine.measured.losses, tuned.facts.best_step
    if tuned.unseen_part == "test" or losses is None or best is None:
        return mine, False
    events = read_events(tuned.run)
    if len(told(events, len(table.examples))[0]) < 2:
        return mine, False
    found = nested(losses, table.examples, events, best)
    loss = mean(found)
    scores = {"loss": loss, "perplexity": metrics.perplexity(loss, 1)}
    return replace(
        mine,
        scores=mine.scores.model_copy(update=scores),
        measured=replace(mine.measured, losses=found),
    ), True


Pair = tuple[Floats, Floats]
"""Nats and tokens [n, 2] of the same answers under the base and under the fine-tune."""


def _joined(one: Pair, other: Pair) -> Pair:
    return np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))


def _everyday(tuned: Tuned, most: int, link: JobLink) -> tuple[Taken, Taken]:
    """What both models know of everyday things, see :mod:`core.evaluation.everyday.forgetting`."""

    def progress(done: int, total: int) -> None:
        link.progress(_("Checking for forgotten knowledge"), done, total, _("short answers"))

    asked = everyday_questions(most)
    return everyday_answers(tuned.model, tuned.tokenizer, tuned.device, asked, progress)


def _fact_cases(tuned: Tuned, asked: Asked, base: Found, mine: Found) -> list[FactCase]:
    """Answers to your own questions, unseen examples and what cannot be known, to be looked at."""
    usual = usual_words(tuned.version.examples("train"))
    more = asked.unknowable
    own = asked.own[: MOST_CASES - len(more)]
    unseen = asked.unseen[: MOST_CASES - len(more) - len(own)]
    return [
        *cases_of(OWN, own, _texts(base.own), _texts(mine.own), usual),
        *cases_of("held_out", unseen, _texts(base.answers), _texts(mine.answers), usual),
        *cases_of("unknowable", more, _texts(base.unknowable), _texts(mine.unknowable), usual),
    ]


def _texts(answers: list[Answer]) -> list[str]:
    return [answer.text for answer in answers]


def _prompted(
    tuned: Tuned, evaluation: Evaluation, formatting: Formatting, most: int, link: JobLink
) -> list[Prompted]:
    """The base with examples in its prompt, on the first questions."""
    questions = tuned.fresh_examples[: min(most, len(evaluation.held_out))]
    nearest = Nearest.of(tuned.version.examples("train")) if questions else None
    if nearest is None or not nearest.examples:
        return []
    budget = answer_budget(tuned.device, _unseen_table(tuned))
    asker = Asker(tuned.model, tuned.tokenizer, tuned.device, nearest, budget)
    measure = measure_of_answers(difference_of(evaluation, "exact_match"))
    kept = evaluation.held_out[: len(questions)]
    sides = [one.base for one in kept], [one.tuned for one in kept]
    return prompted(asker, questions, formatting, sides, measure, link=link)


def _unseen_table(tuned: Tuned) -> TokenTable:
    name: str = tuned.unseen_part
    if tuned.facts.judged_questions:  # which are left depends on what is still known of those
        asked = "\n\n".join(example.question for example in tuned.fresh_examples)
        name = f"{name}-fresh-{question_hash(asked)}"
    path = tuned.run.token_table(name)
    return build_table(tuned.tokenizer, tuned.fresh_examples, tuned.config.max_length, path)


def _everyday_losses(tuned: Tuned, answers: list[str]) -> Pair | None:
    """Nats and tokens [n, 2] of the base's own answers to everyday questions, under both models.

    Returns:
        ``None`` where the base answers nothing, so that nothing can be compared.
    """
    examples = [
        tokenise(tuned.tokenizer, _dialogue(q["question"], a), tuned.config.max_length)
        for q, a in zip(everyday_of(tuned), answers, strict=True)
        if a
    ]
    rows = [example.row for example in examples if not example.problem]
    if not rows:
        return None
    batch = collate(rows)
    with tuned.model.disable_adapter():
        base = losses_of(tuned, batch)
    return base, losses_of(tuned, batch)


def _forgetting(losses: Pair) -> Forgetting:
    """How surprised each model is by everyday answers."""
    base, tuned = (metrics.perplexity(of[:, 0].sum(), int(of[:, 1].sum())) for of in losses)
    return Forgetting(base=base, tuned=tuned)


def _dialogue(question: str, answer: str) -> Example:
    messages = (Message("user", question), Message("assistant", answer))
    return Example(messages, Source("general questions", 0))  # not shown: a source in data


def _paired(
    examples: list[Example],
    base: Found,
    tuned: Found,
    own: Sequence[Example] = (),
    everyday: Sequence[dict[str, str]] = (),
) -> list[Answers]:
    """Questions with both answers, as the comparison page shows them."""
    held_out = [
        _pair(
            "held_out",
            example.question,
            example.answer,
            base.answers[i],
            tuned.answers[i],
            turns=_turns_before(example),
        )
        for i, example in enumerate(examples)
    ]
    general = [
        _pair("general", item["question"], item["answer"], base.general[i], tuned.general[i])
        for i, item in enumerate(everyday)
    ]
    mine = [
        _pair(OWN, one.messages[-2].content, one.answer, base.own[i], tuned.own[i])
        for i, one in enumerate(own)
    ]
    return held_out + general + mine


def _rows(tuned: Tuned, base: Found, mine: Found) -> list[Row]:
    """What both models lost on each unseen example, as far as it is kept."""
    before, after = base.measured.losses, mine.measured.losses
    if before is None or after is None:
        return []
    tasks = (example.task for example in tuned.fresh_examples)
    return [
        Row(tokens=int(tokens), base=float(nats), tuned=float(own[0]), task=task)
        for (nats, tokens), own, task in zip(
            before[:MOST_ROWS], after[:MOST_ROWS], tasks, strict=False
        )
    ]


def _turns_before(example: Example) -> list[Turn]:
    """Return what was said before the answer; nothing where that is one question."""
    said = [Turn(role=one.role, text=one.content) for one in example.messages[:-1]]
    return said if sum(turn.role != "system" for turn in said) > 1 else []


def _pair(
    kind: str, question: str, reference: str, base: Answer, tuned: Answer, *,
    turns: Sequence[Turn] = (),
) -> Answers:  # fmt: skip
    return Answers(
        kind=kind,
        question=question,
        turns=list(turns),
        reference=reference,
        base=shown(base),
        tuned=shown(tuned),
        cut=is_cut(base, tuned),
        base_cut=base.cut,
        tuned_cut=tuned.cut,
    )
