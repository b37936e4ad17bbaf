from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices, RowAction, RowChoice
from core.data.draft import Draft
from core.data.findings.kinds import Action, Kind
from gui.examples.findings.card import FindingCard
from gui.examples.findings.edit_history import edit_in_words
from tests.core.data.examples import scanned
from tests.gui.examples.drafts import GOOD, make_draft


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    with make_draft(tmp_path) as made:
        yield made


def shown(kind: Kind, draft: Draft, qtbot: QtBot) -> FindingCard:
    card = FindingCard(kind, draft)
    qtbot.addWidget(card)
    card.show_choices(Choices())
    card.show()
    card.view.setChecked(True)
    return card


def test_before_and_after_of_a_repair(draft: Draft, qtbot: QtBot) -> None:
    card = shown(Kind.HTML, draft, qtbot)
    assert "<p>Painters, mostly.</p>" in card.rows.before.toPlainText()
    assert "Answer:\nPainters, mostly." in card.rows.after.toPlainText()
    assert "line 42" in card.rows.where.text()


def test_a_copy_stands_beside_its_original(draft: Draft, qtbot: QtBot) -> None:
    card = shown(Kind.EXACT_DUPLICATE, draft, qtbot)
    assert card.rows.after_title.text() == "The row it resembles (row 1)"
    assert card.rows.before.toPlainText() == card.rows.after.toPlainText()


def test_a_row_that_cannot_be_read_can_only_be_looked_at(draft: Draft, qtbot: QtBot) -> None:
    card = shown(Kind.MALFORMED_ROW, draft, qtbot)
    assert "no json" in card.rows.before.toPlainText()
    assert card.fix.isHidden()
    assert card.ignore.isHidden()
    assert not card.rows.keep.isEnabled()


def test_buttons_say_what_is_wanted(draft: Draft, qtbot: QtBot) -> None:
    card = shown(Kind.HTML, draft, qtbot)
    assert (card.fix.isChecked(), card.ignore.isChecked()) == (False, True)
    with qtbot.waitSignal(card.action_chosen) as chosen:
        card.fix.click()
    assert chosen.args == [Kind.HTML, Action.FIX]
    card.show_choices(Choices().with_action(Kind.HTML, Action.FIX))
    assert (card.fix.isChecked(), card.ignore.isChecked()) == (True, False)
    card.fix.click()
    assert card.fix.isChecked(), "pressing it again takes nothing back"
    assert card.status.text() == "It is repaired."


def test_a_row_is_decided_and_taken_back(draft: Draft, qtbot: QtBot) -> None:
    card = shown(Kind.HTML, draft, qtbot)
    with qtbot.waitSignal(card.row_chosen) as chosen:
        card.rows.drop.click()
    assert chosen.args == [GOOD + 1, RowAction.DROP]
    card.show_choices(Choices().with_row(GOOD + 1, RowChoice(action=RowAction.DROP)))
    with qtbot.waitSignal(card.row_chosen) as taken_back:
        card.rows.undo.click()
    assert taken_back.args == [GOOD + 1, None]


def test_what_can_do_harm_is_open_until_somebody_decides(draft: Draft, qtbot: QtBot) -> None:
    card = FindingCard(Kind.SECRET, draft)
    qtbot.addWidget(card)
    card.show_choices(Choices())
    assert "Nothing is decided yet" in card.status.text()
    assert (card.fix.isChecked(), card.ignore.isChecked()) == (False, False)
    assert card.property("card") == "problem"
    card.show_choices(Choices().with_action(Kind.SECRET, Action.IGNORE))
    assert card.ignore.isChecked()
    assert card.ignore.text() == "Keep as is"
    card.show_choices(Choices().with_action(Kind.SECRET, Action.FIX))
    assert card.property("card") == "good"


@pytest.mark.parametrize("kind", [Kind.PERSONAL_DATA, Kind.HTML, Kind.NEAR_DUPLICATE])
@pytest.mark.parametrize("width", [260, 340, 420, 700])
def test_a_card_keeps_its_height_whatever_is_decided(
    kind: Kind, width: int, draft: Draft, qtbot: QtBot
) -> None:
    card = FindingCard(kind, draft)
    qtbot.addWidget(card)
    card.resize(width, 500)
    card.show()
    heights = set()
    for choices, last in (
        (Choices(), ""),
        *(
            (Choices().with_action(kind, action), edit_in_words(kind, action))
            for action in (Action.FIX, Action.DROP, Action.IGNORE)
        ),
    ):
        card.show_choices(choices, last)
        qtbot.wait(1)
        heights.add(card.layout().heightForWidth(width))
    assert len(heights) == 1


def test_a_signature_is_shown_and_its_button_says_where_it_goes(
    tmp_path: Path, qtbot: QtBot
) -> None:
    signature = "Warm regards,\nMargit"
    rows = [
        {"question": f"How tall is {n}?", "answer": f"It has {n} floors.\n\n{signature}"}
        for n in range(30)
    ]
    signed, _summary = scanned(tmp_path, rows)
    with signed:
        card = shown(Kind.FRAME, signed, qtbot)
        texts = [one.text() for one in card.findChildren(QLabel)]
        assert "30 answers end with:" in texts
        assert signature in texts
        assert card.fix.text() == "Remove from 30 answers"
        assert signature in card.rows.before.toPlainText()
        assert signature not in card.rows.after.toPlainText()
