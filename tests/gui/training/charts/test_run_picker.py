from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.training.charts.run_picker import RunPicker

RUNS = [(f"train-00{n}", "seed 3" if n == 1 else "") for n in range(1, 7)]


def test_trainings_are_ticked_up_to_four(qtbot: QtBot) -> None:
    picker = RunPicker()
    qtbot.addWidget(picker)
    picker.offer(RUNS)
    actions = picker.actions_by_name()
    assert actions["train-001"].text() == "train-001: seed 3"
    with qtbot.waitSignal(picker.picked):
        actions["train-002"].trigger()
    for name in ("train-001", "train-003", "train-004"):
        actions[name].trigger()
    assert picker.chosen == ["train-002", "train-001", "train-003", "train-004"]
    assert not actions["train-005"].isEnabled()
    actions["train-001"].trigger()
    assert actions["train-005"].isEnabled()


def test_what_is_gone_is_not_chosen_any_more(qtbot: QtBot) -> None:
    picker = RunPicker()
    qtbot.addWidget(picker)
    picker.offer(RUNS)
    picker.actions_by_name()["train-002"].trigger()
    picker.offer(RUNS[:1])
    assert picker.chosen == []
    picker.offer([])
    assert picker.actions_by_name() == {}
    assert "No other run" in picker.menu().actions()[0].text()
