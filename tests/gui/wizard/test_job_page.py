from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.jobs.spec import training_params
from core.jobs.supervisor import is_alive
from core.storage.files import write_json
from gui.wizard.job_page import JobPage
from gui.wizard.session import Session
from tests.foreign_files import BEHAVIOUR
from tests.gui import scenes
from tests.gui.fake_training_child import let_go_on


@pytest.mark.usefixtures("fake_training")
def test_what_it_follows_is_handed_over_with_what_it_is_about(
    ready_session: Session, qtbot: QtBot
) -> None:
    first, second = JobPage(ready_session), JobPage(ready_session)
    for page in (first, second):
        qtbot.addWidget(page)
    assert first.hand_over() is None
    run = scenes.add_run(ready_session)
    write_json(run.root / BEHAVIOUR, {"waits_at": 5})
    first._job_about = "reading"
    first._job.run(run, "Reading …", training_params(run))
    scenes.until(qtbot, lambda: is_alive(run))
    second.take_over(first.hand_over())
    assert (first.is_busy(), second.is_busy()) == (False, True)
    assert second._job_about == "reading"
    with qtbot.waitSignal(second._job.completed):
        let_go_on(run)
    scenes.until(qtbot, lambda: not is_alive(run))
