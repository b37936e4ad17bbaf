from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.doctor.spec import DoctorParams, DoctorResult
from core.events import Finished
from core.jobs.link import Request
from core.jobs.supervisor import is_alive
from core.project import RunFolder
from gui.jobs.followed_job import FollowedJob
from tests.gui import scenes


@pytest.fixture
def job(qtbot: QtBot) -> FollowedJob:
    return FollowedJob()


def test_events_come_and_then_the_end(job: FollowedJob, qtbot: QtBot, tmp_path: Path) -> None:
    told: list[object] = []
    job.event.connect(told.append)
    with qtbot.waitSignal(job.ended) as ended:
        job.follow(RunFolder(tmp_path / "run"), DoctorParams())
        assert job.is_running()
    assert not job.is_running() and told
    (last,) = ended.args
    assert isinstance(last, Finished) and isinstance(last.result, DoctorResult)


def test_a_job_that_is_let_go_continues(job: FollowedJob, qtbot: QtBot, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    job.follow(run, DoctorParams())
    scenes.until(qtbot, lambda: is_alive(run))
    with qtbot.assertNotEmitted(job.ended):
        job.let_go()
    assert not job.is_running()
    job.ask(Request.STOP)  # there is nobody to ask
    scenes.until(qtbot, lambda: not is_alive(run))
