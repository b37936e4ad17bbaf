import os

import pytest

from core.evaluation.pace import last_comparison
from core.events import Finished, to_line
from core.jobs.spec import EvaluateParams, write_spec
from core.project import Project


def compared(project, questions, seconds, outcome="completed"):
    run = project.new_run("evaluate")
    write_spec(run, EvaluateParams(run="train-001", questions=questions))
    os.utime(run.job_file, (1_000.0, 1_000.0))
    run.events_file.write_text(to_line(Finished(at=1_000.0 + seconds, outcome=outcome)) + "\n")
    return run


def test_the_last_one_counts(tmp_path):
    project = Project.create(tmp_path / "p")
    assert last_comparison(project) is None
    compared(project, 10, 60)
    assert last_comparison(project) == (10, pytest.approx(60))
    compared(project, 50, 240)
    assert last_comparison(project) == (50, pytest.approx(240))


def test_one_that_did_not_end_says_nothing(tmp_path):
    project = Project.create(tmp_path / "p")
    run = compared(project, 10, 60)
    run.events_file.write_text("{")
    assert last_comparison(project) is None
    compared(project, 10, -5)
    assert last_comparison(project) is None, "a clock that was set back"
    compared(project, 10, 60, "cancelled")
    assert last_comparison(project) is None
    project.new_run("evaluate")
    assert last_comparison(project) is None
