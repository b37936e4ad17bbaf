from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.data.example import Example, Message, Source
from gui.kit.labels import text_pane
from gui.rows.difference import differing_span, readable, show_difference, with_marks


def test_equal_beginnings_and_ends_are_not_marked() -> None:
    assert differing_span("a <b>x</b> z", "a x z") == (2, 2)
    assert differing_span("same", "same") == (4, 0)
    assert differing_span("aa", "aaa") == (2, 0)


def test_reasoning_is_shown_before_its_answer() -> None:
    turns = (Message("user", "How many?"), Message("assistant", "4", reasoning="2 and 2"))
    shown = readable(Example(turns, Source("f", 1)))
    assert shown == "Question:\nHow many?\n\nReasoning:\n2 and 2\n\nAnswer:\n4"


def test_what_cannot_be_seen_gets_a_sign() -> None:
    assert with_marks("a\u200bb") == "a⟨U+200B⟩b"
    assert with_marks("end  \nnext\t") == "end··\nnext→···"


def test_line_ends_of_another_system_are_no_sign(qtbot: QtBot) -> None:
    first, second = text_pane("Before"), text_pane("After")
    for pane in (first, second):
        qtbot.addWidget(pane)
    show_difference(first, second, "Regards,\r\nMargit", "Regards,\nMargit")
    assert first.toPlainText() == second.toPlainText() == "Regards,\nMargit"
    assert not first.extraSelections()


def test_the_difference_is_marked_in_both_panes(qtbot: QtBot) -> None:
    first, second = text_pane("Before"), text_pane("After")
    for pane in (first, second):
        qtbot.addWidget(pane)
    show_difference(first, second, "one <b>two</b> three 😀", "one two three 😀")
    for pane, expected in ((first, "<b>two</b>"), (second, "two")):
        (selection,) = pane.extraSelections()
        assert selection.cursor.selectedText() == expected
