"""A mixture beside a run that learned one of its tasks alone: both really trained and measured."""

import json

from core.actions.examples import prepare
from core.actions.plans import choose, look
from core.actions.results import evaluate
from core.actions.training import train
from core.commands.terminal import run_job
from core.evaluation.stored import read_evaluation
from core.evaluation.wording import groups_of
from core.project import Project
from tests.models import write_numbers

_WORDS = ("red", "blue", "green", "old", "new", "warm", "cold", "long", "short", "round")


def write_words(path, count):
    pairs = [(a, b) for a in _WORDS for b in _WORDS if a != b][:count]
    lines = [
        json.dumps(
            {"prompt": f"Put {a} before {b} in a sentence.", "completion": f"It is {a}, {b}."}
        )
        for a, b in pairs
    ]
    path.write_text("\n".join(lines))
    return path


def with_task(path, task):
    rows = [{**json.loads(line), "task": task} for line in path.read_text().splitlines()]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def trained(project, base, steps):
    values = {"max_steps": steps, "effective_batch": 8, "rank": 4, "learning_rate": 5e-3}
    here = look(project, base)
    train(here, choose(here, values=values).config, run_job=run_job)
    evaluate(project, questions=40, prompted=0, everyday=8, run_job=run_job)
    return max(project.runs("train"), key=lambda run: run.name)


def test_what_a_mixture_costs_a_task_is_measured(tiny_model, tmp_path):
    project = Project.create(tmp_path / "p")
    numbers = with_task(write_numbers(tmp_path / "numbers.jsonl", 400), "numbers")
    words = with_task(write_words(tmp_path / "words.jsonl", 90), "words")
    prepare(project, [numbers], run_job=run_job)
    alone = trained(project, tiny_model, 12)
    prepare(project, [numbers, words], run_job=run_job)
    mixed = trained(project, tiny_model, 12)
    assert read_evaluation(alone).single_tasks == []
    found = read_evaluation(mixed)
    (lost,) = [one for one in found.single_tasks if one.measure == "perplexity"]
    assert lost.against == alone.name
    both = [row for row in found.rows if row.task == lost.task]
    assert len(both) >= lost.count >= 8
    assert lost.after > lost.before, "half of its steps went to the other task"
    assert lost.low <= lost.after / lost.before - 1 <= lost.high
    assert any(alone.name in heading and lines for heading, lines in groups_of(found))
