from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.actions.training import Variant
from core.hardware.system.energy import Range
from core.planning.environment import examine_machine
from core.settings import Settings
from core.training.setup.warm_start import FinishedRun
from gui.settings.queue_dialog import QueueDialog, total_text
from gui.settings.sweep import Varied
from gui.wizard.training_plan import TrainingPlan
from tests.gui import scenes


def test_one_training_is_what_is_asked_first(plan: TrainingPlan, qtbot: QtBot) -> None:
    dialog = QueueDialog(plan, Settings())
    qtbot.addWidget(dialog)
    assert not dialog.values.isVisibleTo(dialog)
    assert dialog.add.text() == "Add 1 run"
    with qtbot.waitSignal(dialog.wanted) as told:
        dialog.add.click()
    assert [v.title for v in told.args[0]] == ["Balanced"]


def test_several_are_shown_with_what_they_take(plan: TrainingPlan, qtbot: QtBot) -> None:
    dialog = QueueDialog(plan, Settings())
    qtbot.addWidget(dialog)
    dialog.vary.setCurrentIndex(dialog.vary.findData(Varied.SEED))
    dialog.values.setText("4, 5, 6")
    assert dialog._preview.text().splitlines()[2].startswith("Balanced · Seed 6: ")
    assert dialog._total.text().startswith("Total: ")
    assert dialog.add.text() == "Add 3 runs"
    dialog.values.setText("4, many")
    assert "cannot be used" in dialog._preview.text()
    assert not dialog.add.isEnabled()
    dialog.values.setText("4")
    assert dialog.add.isEnabled()
    dialog.reject()


def test_what_the_cost_counts_is_said(plan: TrainingPlan, qtbot: QtBot) -> None:
    dialog = QueueDialog(plan, Settings())
    qtbot.addWidget(dialog)
    assert not dialog._scope.isVisibleTo(dialog), "no card, no cost"
    with scenes.cards(1):
        here = examine_machine(Path(), None)
        plan.environment = here
        dialog = QueueDialog(plan, Settings(extra_watts=80))
        qtbot.addWidget(dialog)
    assert dialog._scope.isVisibleTo(dialog)
    assert dialog._scope.text() == "Cost: graphics card, and 80 W for the rest."


def test_an_adapter_that_goes_on_keeps_its_shape(plan: TrainingPlan, qtbot: QtBot) -> None:
    plan.more_of = FinishedRun("train-003", plan.config)
    dialog = QueueDialog(plan, Settings())
    qtbot.addWidget(dialog)
    offered = [dialog.vary.itemData(row) for row in range(dialog.vary.count())]
    assert offered == [Varied.NOTHING, Varied.SEED, Varied.LEARNING_RATE]
    assert [variant.title for variant in dialog.variants] == ["Continue from train-003"]


def test_the_cost_of_all_is_known_only_if_each_is(plan: TrainingPlan) -> None:
    from dataclasses import replace

    found = replace(plan.estimate(), seconds=Range(3600, 3600), cost=Range(0.1, 0.2))
    two = [Variant(name, plan.config, found) for name in ("a", "b")]
    assert total_text(two, "$") == "Total: about 2 h, $0.20 to $0.40"
    two[1] = Variant("b", plan.config, replace(found, cost=None))
    assert total_text(two, "$") == "Total: about 2 h"
    assert total_text(two[:1], "$") == ""
