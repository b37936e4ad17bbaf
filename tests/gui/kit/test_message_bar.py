from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from gui.kit import message_bar
from gui.kit.message_bar import MessageBar, note
from gui.kit.question import Question


def test_an_error_says_what_and_what_to_do_with_details_folded_away(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.say_error(UserFacingError("test.x", "It broke.", "Mend it.", "errno 28"))
    bar.show()
    assert (bar.what.text(), bar.todo.text()) == ("It broke.", "Mend it.")
    assert bar.accessibleName() == "Problem: It broke. Mend it."
    assert not bar._details.isVisible()
    bar._details_button.click()
    assert bar._details.isVisible()
    assert bar._details.toPlainText() == "errno 28"
    bar._dismiss.click()
    assert bar.isHidden()


def test_without_details_there_is_no_button_for_them(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.say("good", "Saved.")
    assert bar._details_button.isHidden()
    assert bar.todo.isHidden()


def test_actions_belong_to_their_message(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    done: list[str] = []
    bar.say("neutral", "Deleted.", actions=(("Undo", lambda: done.append("undone")),))
    (undo,) = [b for b in bar.findChildren(QPushButton) if b.text() == "Undo"]
    undo.click()
    assert done == ["undone"]
    bar.say("good", "Other.")
    assert bar._actions == []


def test_a_question_goes_with_its_answer_and_the_keyboard_begins_on_the_first(
    qtbot: QtBot,
) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    taken: list[str] = []
    answers = tuple((text, lambda text=text: taken.append(text)) for text in ("Hide", "Keep"))
    bar.ask(Question("What?", "Why.", answers))
    first, second = (b for b in bar.findChildren(QPushButton) if b.text() in ("Hide", "Keep"))
    assert bar.accessibleName() == "Warning: What? Why."
    assert bar.focusWidget() is first
    second.click()
    assert taken == ["Keep"]
    assert bar.isHidden()


def test_a_note_names_its_tone_for_those_who_do_not_see_it(qtbot: QtBot) -> None:
    made = note("warning", "Only 62 examples.")
    qtbot.addWidget(made)
    assert made.accessibleName() == "Warning: Only 62 examples."


def test_only_a_problem_goes_when_it_is_past(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.say("good", "Saved.")
    bar.hide_problem()
    assert not bar.isHidden()
    bar.say_error(UserFacingError("test.x", "It broke.", "Do this."))
    bar.hide_problem()
    assert bar.isHidden()


def test_escape_takes_away_only_what_may_go(qtbot: QtBot) -> None:
    for may_go in (True, False):
        bar = MessageBar(dismissable=may_go)
        qtbot.addWidget(bar)
        bar.say("warning", "Hide them?", actions=(("Hide", lambda: None),))
        qtbot.keyClick(bar._actions[0], Qt.Key.Key_Escape)
        assert bar.isHidden() is may_go


def test_screen_readers_hear_a_message_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(message_bar, "announce", lambda _widget, text: said.append(text))
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.say("good", "It fits.")
    bar.say("good", "It fits.")
    assert said == ["Good: It fits."]
    bar.hide()
    bar.say("good", "It fits.")
    assert len(said) == 2, "it came again"
