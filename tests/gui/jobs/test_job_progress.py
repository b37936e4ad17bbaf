from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.events import Progress
from gui.jobs.job_progress import JobProgress
from gui.kit.labels import label
from gui.kit.scroll import scrolled


def test_a_short_job_shows_nothing(qtbot: QtBot) -> None:
    progress = JobProgress()
    qtbot.addWidget(progress)
    progress.begin("Working …")
    assert not progress.isVisible()
    progress.end()
    qtbot.wait(600)
    assert not progress.isVisible()


def test_after_half_a_second_there_is_a_sign_and_then_counts(qtbot: QtBot) -> None:
    progress = JobProgress()
    qtbot.addWidget(progress)
    progress.begin("Working …")
    qtbot.waitUntil(progress.isVisible)
    assert progress._bar.maximum() == 0, "nothing is claimed before it is known"
    progress.update_from(Progress(phase="Reading", done=1200, total=4000, unit="rows"))
    assert progress._phase.text() == "Reading – 1,200 of 4,000 rows"
    assert (progress._bar.value(), progress._bar.maximum()) == (1200, 4000)
    progress.end()


def test_cancelling_is_asked_for_once(qtbot: QtBot) -> None:
    progress = JobProgress()
    qtbot.addWidget(progress)
    progress.begin("Working …")
    with qtbot.waitSignal(progress.cancelled):
        progress._cancel.click()
    assert not progress._cancel.isEnabled()
    assert progress._cancel.text() == "Cancelling …"
    progress.begin("Again …")
    assert progress._cancel.isEnabled()
    progress.end()


def test_long_work_is_not_thrown_away_by_one_press(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, asked = JobProgress(), []
    qtbot.addWidget(progress)
    progress.cancelled.connect(lambda: asked.append(True))
    progress.begin("Working …")
    progress._since -= 125
    progress._cancel.click()
    assert not asked and progress._cancel.text() == "Cancel anyway"
    assert progress._lost.text() == "2 min of work would be lost."
    progress._keep.click()
    assert progress._cancel.text() == "Cancel" and progress._lost.isHidden()
    for _press in range(2):
        progress._cancel.click()
    assert asked == [True] and not progress._cancel.isEnabled()
    progress.end()


def test_it_comes_into_sight_where_the_page_is_scrolled_down(qtbot: QtBot) -> None:
    page, progress = QWidget(), JobProgress()
    column = QVBoxLayout()
    column.addWidget(progress)
    column.addWidget(label("far below\n" * 100))
    area = scrolled(page, column)
    qtbot.addWidget(page)
    page.resize(400, 300)
    page.show()
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    progress.begin("Working …")
    qtbot.waitUntil(lambda: bar.value() < 50)
    assert progress.isVisible()
