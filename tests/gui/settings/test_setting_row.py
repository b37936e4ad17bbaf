from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from core.planning.advice import Advice
from core.planning.explanations import EXPLANATIONS
from gui.settings.setting_row import SettingRow, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [(5e-5, "0.00005"), (3.0, "3"), (16, "16"), (True, "on"), (("a", "b"), "a, b")],
)
def test_values_are_shown_as_they_are_typed(value: object, text: str) -> None:
    assert shown(value) == text


def row(qtbot: QtBot, name: str) -> SettingRow:
    made = SettingRow(EXPLANATIONS[name])
    qtbot.addWidget(made)
    made.show()
    return made


def test_each_kind_of_value_has_its_editor(qtbot: QtBot) -> None:
    assert isinstance(row(qtbot, "rank").editor, QLineEdit)
    assert isinstance(row(qtbot, "sample_answers").editor, QCheckBox)
    schedule = row(qtbot, "schedule").editor
    assert isinstance(schedule, QComboBox)
    assert [schedule.itemText(i) for i in range(schedule.count())] == [
        "cosine",
        "linear",
        "constant",
    ]


def test_typing_emits_once_it_is_done(qtbot: QtBot) -> None:
    made = row(qtbot, "learning_rate")
    made.show_value(5e-5, 5e-5)
    assert made.reset.isHidden()
    made.editor.selectAll()
    qtbot.keyClicks(made.editor, "0,001")
    with qtbot.waitSignal(made.edited) as edited:
        qtbot.keyClick(made.editor, Qt.Key.Key_Return)
    assert edited.args == ["learning_rate", "0.001"]


def test_a_changed_value_can_be_reset(qtbot: QtBot) -> None:
    made = row(qtbot, "rank")
    made.show_value(64, 16)
    assert made._state.text() == "changed; usually 16"
    with qtbot.waitSignal(made.edited) as edited:
        made.reset.click()
    assert edited.args == ["rank", 16]


def test_layers_are_a_list(qtbot: QtBot) -> None:
    made = row(qtbot, "targets")
    made.show_value(("q_proj", "v_proj"), ("q_proj", "v_proj"))
    made.editor.selectAll()
    qtbot.keyClicks(made.editor, "q_proj, o_proj,")
    with qtbot.waitSignal(made.edited) as edited:
        qtbot.keyClick(made.editor, Qt.Key.Key_Return)
    assert list(edited.args[1]) == ["q_proj", "o_proj"]


def test_advice_stands_at_the_value_and_mends_it(qtbot: QtBot) -> None:
    made = row(qtbot, "rank")
    made.show_value(500, 16)
    made.show_advice(Advice("rank", "warning", "Rank 500 is much.", 32, "Use 32?"))
    assert made._warning.isVisible()
    with qtbot.waitSignal(made.edited) as edited:
        made.suggestion.click()
    assert edited.args == ["rank", 32]
    made.show_advice(None)
    assert not made._warning.isVisible()


def test_search_looks_at_names_and_explanations(qtbot: QtBot) -> None:
    made = row(qtbot, "micro_batch_tokens")
    assert made.matches("")
    assert made.matches("memory speed")
    assert not made.matches("zebra")
