from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from core.project import Project
from core.wizard import Step, WizardState
from gui.shell.activity.live import LiveState
from gui.shell.sidebar import Sidebar


class News(QObject):
    looked = Signal()
    run, live, status, share = None, "", "", None


def test_the_step_and_the_row_say_how_far_the_run_is(qtbot: QtBot, tmp_path: Path) -> None:
    news, sidebar = News(), Sidebar()
    run = Project.create(tmp_path / "bot", "Margaret bot").new_run("train")
    qtbot.addWidget(sidebar)
    sidebar.resize(sidebar.width(), 700)
    sidebar.show()
    live = LiveState(news, news)  # type: ignore[arg-type]
    state = WizardState(project_chosen=True, current=Step.START)
    sidebar.show_state(None, state, elsewhere=False)
    live.show_in(sidebar.steps, sidebar.activity, None)
    assert sidebar.steps.button(Step.TRAINING).text() == " Training"
    news.run, news.live, news.share = run, "41% · 14:20", 0.41
    news.looked.emit()
    assert sidebar.steps.button(Step.TRAINING).text() == " Training · 41% · 14:20"
    assert sidebar.activity.run.figure.text() == "41% · 14:20"
    assert sidebar.activity.run.what.text() == "Margaret bot", "as its project is called"
    news.run, news.live = None, ""
    news.looked.emit()
    assert sidebar.steps.button(Step.TRAINING).text() == " Training"
    assert sidebar.activity.run.isHidden()
    live.shut_down()
