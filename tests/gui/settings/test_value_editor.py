from __future__ import annotations

import re

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.config.training import TrainingConfig
from core.planning.advice import Advice
from gui.settings.value_editor import ValueEditor


def test_every_value_of_a_training_can_be_edited(qtbot: QtBot) -> None:
    editor = ValueEditor()
    qtbot.addWidget(editor)
    assert set(editor.rows) == set(TrainingConfig.model_fields)


def test_advanced_is_closed_until_asked_for_and_searchable(qtbot: QtBot) -> None:
    editor = ValueEditor()
    qtbot.addWidget(editor)
    editor.show()
    assert editor.rows["learning_rate"].isVisible()
    assert not editor.rows["seed"].isVisible()
    editor.toggle.setChecked(True)
    assert editor.rows["seed"].isVisible()
    editor.search.setText("dropout")
    assert editor.rows["dropout"].isVisible()
    assert not editor.rows["seed"].isVisible()
    editor.search.setText("zebra")
    assert editor._nothing.isVisible()
    suggested = re.findall(r"'(\w+)'", editor._nothing.text())
    assert suggested
    for word in suggested:
        editor.search.setText(word)
        assert not editor._nothing.isVisible(), f"{word} is suggested and finds nothing"


def test_values_stand_in_groups_that_go_with_their_values(qtbot: QtBot) -> None:
    editor = ValueEditor()
    qtbot.addWidget(editor)
    editor.show()
    editor.toggle.setChecked(True)
    grouped = [row for group in editor._groups for row in group.rows]
    assert grouped
    assert set(grouped) == {row for row in editor.rows.values() if not row.explanation.common}
    editor.search.setText("dropout")
    assert [group.isVisible() for group in editor._groups].count(True) == 1
    editor.search.clear()
    assert all(group.isVisible() for group in editor._groups)
    lefts = {row.editor.mapTo(editor, row.editor.rect().topLeft()).x() for row in grouped}
    assert len(lefts) == 1, "one column"


def test_what_an_adapter_was_made_with_cannot_be_changed(qtbot: QtBot) -> None:
    editor = ValueEditor()
    qtbot.addWidget(editor)
    values = TrainingConfig().model_dump()
    editor.show_values(values, values, [], {"rank"})
    assert not editor.rows["rank"].editor.isEnabled()
    assert "fixed by the adapter" in editor.rows["rank"]._state.text()
    assert editor.rows["seed"].editor.isEnabled()
    editor.show_values(values, values, [])
    assert editor.rows["rank"].editor.isEnabled()


def test_precision_is_offered_and_says_that_it_is_compared_first(qtbot: QtBot) -> None:
    editor = ValueEditor()
    qtbot.addWidget(editor)
    row = editor.rows["precision"]
    assert [row.editor.itemText(i) for i in range(row.editor.count())] == ["bf16", "fp8"]
    assert "compared with 16 bits on your examples first" in row.explanation.text


def test_the_worst_advice_of_a_value_is_shown(qtbot: QtBot) -> None:
    editor = ValueEditor()
    qtbot.addWidget(editor)
    values = TrainingConfig().model_dump()
    advice = [
        Advice("rank", "problem", "worst"),
        Advice("rank", "hint", "mild"),
        Advice("", "warning", "about the examples"),
    ]
    editor.show_values(values, values, advice)
    assert editor.rows["rank"]._warning_text.text() == "worst"
    editor.refuse("rank", "many")
    assert "“many”" in editor.rows["rank"]._warning_text.text()


def test_return_in_the_search_goes_to_what_it_found(qtbot) -> None:
    made = ValueEditor()
    qtbot.addWidget(made)
    made.toggle.setChecked(True)
    made.show()
    made.search.setFocus()
    qtbot.keyClicks(made.search, "warm")
    qtbot.keyClick(made.search, Qt.Key.Key_Return)
    assert made.focusWidget() is made.rows["warmup_fraction"].editor
