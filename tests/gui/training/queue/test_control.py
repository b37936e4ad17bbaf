from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.jobs.link import Request, read_request
from core.jobs.supervisor import Supervisor
from core.project import RunFolder
from core.queue import entries
from gui.training.queue.control import QueueControl
from gui.training.queue.panel import QueuePanel
from gui.wizard.session import Session
from tests.gui import scenes


@pytest.fixture
def panel(qtbot: QtBot) -> QueuePanel:
    made = QueuePanel()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def control(ready_session: Session, panel: QueuePanel) -> Iterator[QueueControl]:
    parent = QObject()
    made = QueueControl(ready_session, panel, parent)
    made.changed.connect(lambda _view: made.draw(""))
    for seed in (1, 2, 3):
        scenes.add_to_queue(ready_session, f"seed {seed}")
    made.watch(ready_session.require_project())
    yield made
    made.shut_down()


def names(session: Session) -> list[str]:
    return [item.run for item in entries.load_queue(session.require_project())]


@pytest.mark.usefixtures("control")
def test_moving_and_removing(ready_session: Session, panel: QueuePanel, qtbot: QtBot) -> None:
    scenes.until(qtbot, lambda: len(panel.rows) == 3)
    panel.rows["train-003"].up.click()
    assert names(ready_session) == ["train-001", "train-003", "train-002"]
    scenes.until(qtbot, lambda: list(panel.rows) == names(ready_session))
    ready_session.give(training_run="train-001")
    panel.rows["train-001"].remove.click()
    assert names(ready_session) == ["train-003", "train-002"]
    assert ready_session.state.training_run == "train-003", "the page still has its training"


def test_a_refusal_is_told(
    ready_session: Session, control: QueueControl, panel: QueuePanel, qtbot: QtBot
) -> None:
    run = ready_session.require_project().run("train-001")
    with scenes.alive(run), qtbot.waitSignal(control.failed) as told:
        panel.removed.emit("train-001")
    assert told.args[0].code == "queue.running"


def test_what_is_shown_is_the_persons_choice(
    control: QueueControl, panel: QueuePanel, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(control.shown) as told:
        panel.shown.emit("train-002")
    assert isinstance(told.args[0], RunFolder)
    assert control.picked


def test_the_queue_is_started_once_and_asked_to_stop(
    ready_session: Session,
    control: QueueControl,
    panel: QueuePanel,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[str] = []
    monkeypatch.setattr(Supervisor, "start", lambda _self, params: started.append(params.kind))
    control.picked = True
    panel.started.emit()
    assert started == ["queue"]
    assert not control.picked
    (folder,) = ready_session.require_project().runs("queue")
    with scenes.alive(folder):
        panel.started.emit()
        assert started == ["queue"], "one is enough"
        panel.stopped.emit()
        assert read_request(folder.control_file) is Request.STOP


def test_whoever_only_reads_changes_nothing(
    ready_session: Session,
    control: QueueControl,
    panel: QueuePanel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(ready_session), "read_only", True)
    panel.moved.emit("train-003", -1)
    panel.started.emit()
    assert names(ready_session) == ["train-001", "train-002", "train-003"]
    assert list(ready_session.require_project().runs("queue")) == []
