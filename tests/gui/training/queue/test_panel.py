from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.jobs.status import RunState
from core.queue.entries import QueueEntry, QueueItem
from core.settings import Settings
from gui.training.queue.panel import QueuePanel
from gui.training.queue.watch import QueueView


def entry(number: int, state: RunState, *, energy: bool = True) -> QueueEntry:
    joules = (1.8e6, 3.6e6) if energy else None
    item = QueueItem(
        run=f"train-{number:03d}", title=f"seed {number}", seconds=(3600, 3600), joules=joules
    )
    return QueueEntry(item, state)


def panel_with(qtbot: QtBot, view: QueueView, current: str = "", why: str = "") -> QueuePanel:
    panel = QueuePanel()
    qtbot.addWidget(panel)
    panel.show_queue(view, current, Settings(tariff=0.2), why)
    return panel


WAITING = tuple(entry(n, RunState.WAITING) for n in (1, 2, 3))


def test_every_state_has_its_word_and_its_picture(qtbot: QtBot) -> None:
    entries = tuple(entry(n, state) for n, state in enumerate(RunState))
    panel = panel_with(qtbot, QueueView(entries))
    names = [row.accessibleName() for row in panel.rows.values()]
    words = ("waiting", "running now", "done", "stopped", "failed", "interrupted")
    assert all(word in name for word, name in zip(words, names, strict=True))
    pictures = {row.findChild(QLabel).pixmap().cacheKey() for row in panel.rows.values()}
    assert len(pictures) == len(RunState)
    assert not panel.rows["train-001"].remove.isEnabled(), "it runs"


def test_forecast_and_the_nights_total(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, QueueView((entry(0, RunState.DONE), *WAITING)))
    assert panel.rows["train-001"].accessibleName() == (
        "seed 1: waiting, about 1 h, $0.10 to $0.20"
    )
    assert panel._total.text() == (
        "4 runs, about 4 h, $0.40 to $0.80 in all. 3 still to run, about 3 h, $0.30 to $0.60. "
        "Cost: graphics card only."
    )
    running = replace(entry(0, RunState.RUNNING), left=1800.0)
    panel = panel_with(qtbot, QueueView((running, *WAITING)))
    assert "in all. 4 still to run, about 3.5 h, $0.35 to $0.70. Cost" in panel._total.text()
    panel = panel_with(qtbot, QueueView((entry(0, RunState.DONE),)))
    assert " All runs have finished. Cost: " in panel._total.text()
    assert not panel.start.isVisibleTo(panel)
    panel = panel_with(qtbot, QueueView((entry(0, RunState.WAITING, energy=False),)))
    assert panel._total.text() == "1 run, about 1 h in all."


def test_the_first_does_not_move_up_and_the_last_not_down(qtbot: QtBot) -> None:
    rows = panel_with(qtbot, QueueView((entry(0, RunState.RUNNING), *WAITING))).rows
    assert [row.up.isEnabled() for row in rows.values()] == [False, False, True, True]
    assert [row.down.isEnabled() for row in rows.values()] == [False, True, True, False]


def test_buttons_tell_what_is_wanted(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, QueueView(WAITING), "train-001")
    for signal, button, arguments in (
        (panel.moved, panel.rows["train-002"].up, ["train-002", -1]),
        (panel.moved, panel.rows["train-002"].down, ["train-002", 1]),
        (panel.removed, panel.rows["train-003"].remove, ["train-003"]),
        (panel.shown, panel.rows["train-003"].show_run, ["train-003"]),
    ):
        with qtbot.waitSignal(signal) as told:
            button.click()
        assert told.args == arguments
    assert not panel.rows["train-001"].show_run.isEnabled()
    assert panel.rows["train-001"].show_run.text() == "Shown above"
    with qtbot.waitSignal(panel.started):
        panel.start.click()


def test_while_it_runs_it_can_be_stopped(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, QueueView(WAITING, live=True))
    assert not panel.start.isVisibleTo(panel)
    with qtbot.waitSignal(panel.stopped):
        panel.stop.click()


def test_the_keyboard_stays_with_what_was_moved(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, QueueView(WAITING))
    panel.show()
    panel.activateWindow()
    panel.rows["train-003"].up.setFocus()
    qtbot.waitUntil(panel.rows["train-003"].up.hasFocus)
    moved = (WAITING[0], WAITING[2], WAITING[1])
    panel.show_queue(QueueView(moved), "", Settings())
    qtbot.waitUntil(panel.rows["train-003"].up.hasFocus)
    qtbot.waitUntil(panel.rows["train-003"].down.isVisible)
    qtbot.keyClick(panel.rows["train-003"].up, Qt.Key.Key_Tab)
    assert panel.rows["train-003"].down.hasFocus()


def test_the_keyboard_stays_near_what_was_removed(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, QueueView(WAITING))
    panel.show()
    panel.activateWindow()
    panel.rows["train-003"].remove.setFocus()
    qtbot.waitUntil(panel.rows["train-003"].remove.hasFocus)
    panel.show_queue(QueueView(WAITING[:2]), "", Settings())
    qtbot.waitUntil(panel.rows["train-002"].remove.hasFocus)


def test_whoever_only_reads_changes_nothing(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, QueueView(WAITING), why="It is open elsewhere.")
    row = panel.rows["train-002"]
    for button in (panel.start, row.up, row.down, row.remove):
        assert not button.isEnabled()
        assert button.toolTip() == "It is open elsewhere."
    assert row.show_run.isEnabled()


def test_an_empty_queue_is_not_shown(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, QueueView(WAITING))
    panel.show_queue(QueueView(), "", Settings())
    assert panel.isHidden()
