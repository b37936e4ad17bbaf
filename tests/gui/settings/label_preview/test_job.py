"""With a real child, real tokenizer and real chat template."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.data.dataset import DatasetVersion
from core.models.inspection import inspect_model
from core.planning.environment import examine_machine
from gui.settings.label_preview.card import LabelPreviewCard
from gui.settings.label_preview.job import LabelPreviewJob
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan
from tests.gui import scenes


@pytest.fixture
def job(project_session: Session, tiny_model: Path, qtbot: QtBot) -> Iterator[LabelPreviewJob]:
    scenes.add_dataset(project_session)
    project_session.give(base_model=str(tiny_model))
    card = LabelPreviewCard()
    qtbot.addWidget(card)
    card.show()
    made = LabelPreviewJob(project_session, card, card)
    yield made
    made.shut_down()


def plan_for(session: Session, **values: object) -> TrainingPlan:
    project, state = session.require_project(), session.state
    facts = inspect_model(Path(state.base_model))
    around = examine_machine(project.root, project.versions / state.dataset_version)
    plan_input = around.plan_input(facts.shape, facts.model_type)
    return TrainingPlan(around, plan_input, "small", dict(values))


def begin(job: LabelPreviewJob, qtbot: QtBot, **values: object) -> LabelPreviewCard:
    state = job._session.state
    job.begin(plan_for(job._session, **values), state.dataset_version, state.base_model)
    scenes.until(qtbot, lambda: job.check is not None, 60)
    return job._card


@pytest.mark.usefixtures("cold_children")
def test_the_check_runs_and_what_is_lost_can_be_left_out(
    job: LabelPreviewJob, qtbot: QtBot
) -> None:
    checking: list[bool] = []
    job.changed.connect(lambda: checking.append(job.is_checking()))
    card = begin(job, qtbot)
    assert True in checking
    assert not job.is_checking()
    assert "Every example can be learned" in card.status.text()
    assert job.unlearnable() == 0
    first = job.check.preview.facts["first"]
    limit = int(first.max())  # some answers begin there, some before
    count = int((first >= limit).sum())
    assert 0 < count < 120
    card = begin(job, qtbot, max_length=limit)
    assert job.unlearnable() == count
    assert card.drop.isVisible()
    with qtbot.waitSignal(job.revised, timeout=60_000) as revised:
        card.drop.click()
    project = job._session.require_project()
    version = DatasetVersion.load(project.versions / revised.args[0])
    assert sum(version.counts.values()) == 120 - count
    assert len(list(project.runs("learning"))) == 1, "the finished check was found again"


def test_a_base_without_a_tokenizer_is_told_on_the_card(
    ready_session: Session, qtbot: QtBot
) -> None:
    for run in ready_session.require_project().runs("learning"):
        run.label_preview_file.unlink()
    card = LabelPreviewCard()
    qtbot.addWidget(card)
    card.show()
    job = LabelPreviewJob(ready_session, card, card)
    state = ready_session.state
    job.begin(plan_for(ready_session), state.dataset_version, state.base_model)
    scenes.until(qtbot, lambda: "tokenizer" in card.status.text(), 60)
    assert card.again.isVisible()
    assert card.property("card") == "problem"
    job.shut_down()


def test_a_project_that_is_only_read_is_not_checked(
    ready_session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, state = ready_session.require_project(), ready_session.state
    for run in project.runs("learning"):
        run.label_preview_file.unlink()
    monkeypatch.setattr(Session, "read_only", True)
    card = LabelPreviewCard()
    qtbot.addWidget(card)
    job = LabelPreviewJob(ready_session, card, card)
    before = len(list(project.runs()))
    with qtbot.waitSignal(job.changed):
        job.begin(plan_for(ready_session), state.dataset_version, state.base_model)
    assert len(list(project.runs())) == before
    assert "Not checked" in card.status.text()
    job.shut_down()


def test_a_project_that_is_opened_checks_nothing(
    ready_session: Session, qtbot: QtBot, plan: TrainingPlan
) -> None:
    project, state = ready_session.require_project(), ready_session.state
    for run in list(project.runs("learning")):
        shutil.rmtree(run.root)
    card, owner = LabelPreviewCard(), QObject()
    qtbot.addWidget(card)
    job = LabelPreviewJob(ready_session, card, owner)
    job.begin(plan, state.dataset_version, state.base_model, run=False)
    scenes.until(qtbot, lambda: not job._tasks.is_running("find"))
    assert not job._job.is_running()
    assert not card.again.isHidden()
    assert not list(project.runs("learning"))
    job.shut_down()
