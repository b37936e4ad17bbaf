from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.shell.resume_offer import ResumeOffer
from gui.wizard.session import Session
from gui.wizard.unfinished import Unfinished
from tests.gui import scenes


def test_both_can_go_on(ready_session: Session, qtbot: QtBot) -> None:
    run = scenes.add_run(ready_session)
    offer = ResumeOffer()
    qtbot.addWidget(offer)
    offer.offer(Unfinished(run, 2, "“train-001” was interrupted."))
    resume, queue = offer._actions
    assert (resume.text(), queue.text()) == ("Resume", "Start the queue")
    with qtbot.waitSignal(offer.resumed) as told:
        resume.click()
    assert told.args == [run]
    assert offer.isHidden()
    with qtbot.waitSignal(offer.queue_started):
        queue.click()


def test_nothing_is_offered_without_need(ready_session: Session, qtbot: QtBot) -> None:
    offer = ResumeOffer()
    qtbot.addWidget(offer)
    offer.look_at(ready_session.require_project())
    scenes.until(qtbot, lambda: not offer._tasks.is_running("look"))
    assert offer.isHidden()
    run = scenes.add_run(ready_session)
    scenes.write_events(run, scenes.training_events(3, 40))
    offer.look_at(ready_session.require_project())
    scenes.until(qtbot, lambda: not offer.isHidden())
    assert "at step 3 of 40" in offer.what.text()
    offer.look_at(None)
    assert offer.isHidden()
    offer.shut_down()
