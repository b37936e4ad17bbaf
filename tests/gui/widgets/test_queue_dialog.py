from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.hardware.energy import Range
from core.settings import Settings
from gui.training_plan import TrainingPlan, Variant
from gui.variants import Vary
from gui.widgets.queue_dialog import QueueDialog, total_text


def test_one_training_is_what_is_asked_first(plan: TrainingPlan, qtbot: QtBot) -> None:
    dialog = QueueDialog(plan, Settings())
    qtbot.addWidget(dialog)
    assert not dialog.values.isVisibleTo(dialog)
    assert dialog.add.text() == "Add 1 training"
    with qtbot.waitSignal(dialog.wanted) as told:
        dialog.add.click()
    assert [v.title for v in told.args[0]] == ["Balanced"]


def test_several_are_shown_with_what_they_take(plan: TrainingPlan, qtbot: QtBot) -> None:
    dialog = QueueDialog(plan, Settings())
    qtbot.addWidget(dialog)
    dialog.vary.setCurrentIndex(dialog.vary.findData(Vary.SEED))
    dialog.values.setText("4, 5, 6")
    assert dialog._preview.text().splitlines()[2].startswith("Balanced, seed 6: ")
    assert dialog._total.text().startswith("Together ")
    assert dialog.add.text() == "Add 3 trainings"
    dialog.values.setText("4, many")
    assert "cannot be used" in dialog._preview.text()
    assert not dialog.add.isEnabled()
    dialog.values.setText("4")
    assert dialog.add.isEnabled()
    dialog.reject()


def test_the_cost_of_all_is_known_only_if_each_is(plan: TrainingPlan) -> None:
    from dataclasses import replace

    found = replace(plan.estimate(), seconds=Range(3600, 3600), cost=Range(0.1, 0.2))
    two = [Variant(name, plan.config, found) for name in ("a", "b")]
    assert total_text(two, "$") == "Together about 2 h, $0.20 to $0.40"
    two[1] = Variant("b", plan.config, replace(found, cost=None))
    assert total_text(two, "$") == "Together about 2 h"
    assert total_text(two[:1], "$") == ""
