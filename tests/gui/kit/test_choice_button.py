from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleActionInterface
from PySide6.QtWidgets import QAbstractButton, QButtonGroup
from pytestqt.qtbot import QtBot

from gui.kit.choice_button import ChoiceButton, ChoiceToolButton


@pytest.fixture(params=[ChoiceButton, ChoiceToolButton])
def button(request: pytest.FixtureRequest, qtbot: QtBot) -> QAbstractButton:
    made: QAbstractButton = request.param()
    qtbot.addWidget(made)
    made.show()
    return made


def clicks(button: QAbstractButton) -> list[str]:
    found: list[str] = []
    button.clicked.connect(lambda _on=False: found.append(button.text()))
    return found


def by_screen_reader(button: QAbstractButton) -> None:
    actions = QAccessible.queryAccessibleInterface(button).actionInterface()
    actions.doAction(QAccessibleActionInterface.toggleAction())


def test_a_click_is_one_click(button: QAbstractButton) -> None:
    found = clicks(button)
    button.click()
    assert len(found) == 1
    assert button.isChecked()


def test_what_a_screen_reader_toggles_is_clicked(button: QAbstractButton) -> None:
    found = clicks(button)
    by_screen_reader(button)
    assert len(found) == 1
    by_screen_reader(button)
    assert len(found) == 2


def test_what_the_application_shows_is_no_click(button: QAbstractButton) -> None:
    found = clicks(button)
    button.setChecked(True)
    button.setChecked(False)
    assert found == []


def test_the_one_that_gives_way_in_a_group_is_not_clicked(qtbot: QtBot) -> None:
    group = QButtonGroup()
    one, two = ChoiceButton("one"), ChoiceButton("two")
    for made in (one, two):
        qtbot.addWidget(made)
        group.addButton(made)
    one.setChecked(True)
    found = [clicks(made) for made in (one, two)]
    by_screen_reader(two)
    assert found == [[], ["two"]]
