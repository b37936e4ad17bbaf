"""An example that chose the best step is scored with the step that the others choose."""

import numpy as np
import pytest

from core.evaluation.measuring.nested import nested, told
from core.events import Validation


def check(step, *nats):
    return Validation(step=step, epoch=0, loss=1.0, is_best=False, row_nats=nats)


CHECKS = [check(0, 9, 9, 9), check(2, 4, 4, 4), check(4, 0, 5, 5), check(4, 1, 5, 5)]


def test_the_one_that_made_a_step_the_best_gets_the_others_step():
    losses = np.array([[1.5, 10], [5.5, 10], [5.5, 10]])
    found = nested(losses, [0, 1, 2], CHECKS, best=4)
    assert found[:, 1].tolist() == [10, 10, 10]
    assert found[0, 0] == pytest.approx(1.5 + 4 - 1), "the others choose step 2"
    assert found[1:, 0].tolist() == [5.5, 5.5], "step 4 is the best without them, too"


def test_rows_of_one_example_are_left_out_together():
    losses = np.array([[6.0, 10], [5.0, 10]])
    found = nested(losses, [0, 0, 1], CHECKS, best=4)
    assert found[0, 0] == pytest.approx(6.0 + (8 - 6))
    assert found[1, 0] == pytest.approx(5.0), "without it, 1 + 5 is less than 4 + 4"


@pytest.mark.parametrize(
    ("events", "best"), [([], 4), (CHECKS[:1], 0), (CHECKS, 3), ([check(0, 1), check(4, 2)], 4)]
)
def test_without_what_is_needed_nothing_changes(events, best):
    losses = np.array([[1.5, 10], [5.5, 10], [5.5, 10]])
    assert nested(losses, [0, 1, 2], events, best) is losses


def test_the_last_check_of_a_step_counts():
    steps, rows = told(CHECKS, 3)
    assert steps == [0, 2, 4]
    assert rows[-1].tolist() == [1, 5, 5]


def test_pure_chance_is_no_longer_a_gain():
    """Steps that differ by nothing but noise: the best of them looks better than it is."""
    dice = np.random.default_rng(5)
    plain, corrected = [], []
    for _ in range(300):
        nats = dice.normal(10.0, 1.0, (12, 8))
        best = int(nats.sum(axis=1).argmin())
        losses = np.stack([nats[best], np.ones(8)], axis=1)
        events = [check(step, *row) for step, row in enumerate(nats.tolist())]
        plain.append(losses[:, 0].mean())
        corrected.append(nested(losses, range(8), events, best)[:, 0].mean())
    assert np.mean(plain) < 9.6
    assert np.mean(corrected) == pytest.approx(10.0, abs=0.12)


def test_a_small_project_is_measured_so(tiny_model, tmp_path):
    from core.actions.examples import prepare
    from core.actions.plans import choose, look
    from core.actions.results import evaluate
    from core.actions.training import train
    from core.commands.terminal import run_job
    from core.data.dataset import DatasetVersion
    from core.evaluation.wording import measured
    from core.jobs.supervisor import read_events
    from core.project import Project
    from tests.models import write_numbers

    project = Project.create(tmp_path / "p")
    prepare(project, [write_numbers(tmp_path / "numbers.jsonl", 50)], run_job=run_job)
    here = look(project, tiny_model)
    values = {"max_steps": 6, "effective_batch": 8, "rank": 4, "learning_rate": 5e-3}
    train(here, choose(here, values=values).config, run_job=run_job)
    run = project.run("train-001")
    checks = [e for e in read_events(run) if isinstance(e, Validation)]
    (version,) = project.versions.iterdir()
    count = DatasetVersion.load(version).counts["validation"]
    assert [len(check.row_nats) for check in checks] == [count] * len(checks)
    scores = evaluate(project, questions=3, prompted=0, everyday=8, run_job=run_job)
    assert (scores.part, scores.nested) == ("validation", True)
    assert "the step was chosen by the others" in measured(scores)
    assert scores.tuned.loss >= min(check.loss for check in checks) - 0.02
