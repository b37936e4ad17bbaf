from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.data.spec import ScanParams
from core.errors import UserFacingError
from core.wizard import Step
from gui.jobs.job_progress import JobProgress
from gui.jobs.page_job import PageJob
from gui.jobs.under_way import Work, under_way
from gui.wizard.session import Session
from tests.gui.fake_training_child import Failing, FakeTraining

pytestmark = pytest.mark.usefixtures("fake_training")


def test_a_job_gives_its_result(qtbot: QtBot, project_session: Session) -> None:
    progress = JobProgress()
    qtbot.addWidget(progress)
    job = PageJob(progress, owner := QObject(), step=Step.COMPARISON)
    run = project_session.require_project().new_run("train")
    with qtbot.waitSignal(job.completed, timeout=60_000) as completed:
        job.run(run, "Working …", FakeTraining())
        assert job.is_running()
        assert under_way().all_work() == (Work(Step.COMPARISON, "Working"),)
    assert completed.args[0].best_loss == 0.5
    assert not job.is_running()
    assert not progress.isVisible()
    assert not under_way().all_work()
    del owner


def test_a_failure_is_an_error_for_the_person(qtbot: QtBot, project_session: Session) -> None:
    progress = JobProgress()
    qtbot.addWidget(progress)
    job = PageJob(progress, owner := QObject())
    run = project_session.require_project().new_run("fail")
    with qtbot.waitSignal(job.failed, timeout=60_000) as failed:
        job.run(run, "Working …", Failing())
    assert isinstance(failed.args[0], UserFacingError)
    assert failed.args[0].code == "job.bug"
    assert "unforeseen" in failed.args[0].details
    del owner


def test_cancelling_ends_without_a_result(qtbot: QtBot, project_session: Session) -> None:
    progress = JobProgress()
    qtbot.addWidget(progress)
    job = PageJob(progress, owner := QObject())
    job.completed.connect(lambda _result: pytest.fail("it was cancelled"))
    run = project_session.require_project().new_run("train")
    job.run(run, "Working …", ScanParams(paths=()))
    job.cancel()
    qtbot.waitUntil(lambda: not job.is_running(), timeout=60_000)
    del owner
