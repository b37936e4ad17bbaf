from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.actions.preferences import Lesson
from core.config.training import TrainingConfig
from core.hardware.system.energy import Range
from core.preferences.collection import merged
from core.preferences.sources import Found
from core.project import RunFolder
from gui.wizard.lesson_dialog import LessonDialog
from tests.core.training.preferences.examples import judgements


def lesson(count: int) -> Lesson:
    some = judgements(count, ("pair", "good", "bad"))
    found = [*(Found("rating", one) for one in some), Found("rating", None, "tie")]
    run = RunFolder(Path("train-001"))
    return Lesson(merged(found), run, TrainingConfig(), Range(200, 400))


@pytest.mark.parametrize("queued", [True, False])
def test_counts_are_shown_and_it_is_started_or_queued(qtbot: QtBot, queued: bool) -> None:
    dialog = LessonDialog(lesson(30))
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.counts.text().splitlines() == [
        "10 answers preferred to another", "10 good answers", "10 bad answers",
        "Left out: 1 tie",
    ]  # fmt: skip
    assert dialog.time.text() == "Expected time: 3 to 7 min"
    assert not dialog.refusal.isVisible()
    with qtbot.waitSignal(dialog.wanted) as chosen:
        (dialog.queue if queued else dialog.start).click()
    assert chosen.args == [queued]


def test_too_few_can_only_be_closed(qtbot: QtBot) -> None:
    dialog = LessonDialog(lesson(9))
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.refusal.isVisible()
    assert "There are 9 ratings to learn from" in dialog.refusal.what.text()
    assert not dialog.start.isVisible() and not dialog.queue.isVisible()
