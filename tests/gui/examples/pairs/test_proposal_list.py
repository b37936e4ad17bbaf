from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.examples.pairs.proposal_list import ProposalList
from tests.gui.examples.pairs.test_dialog import BAD, GOOD


def test_those_that_passed_come_first_and_nothing_is_accepted_yet(qtbot: QtBot) -> None:
    shown = ProposalList()
    qtbot.addWidget(shown)
    shown.show_proposals([BAD, GOOD])
    assert shown.proposals() == [GOOD, BAD]
    assert shown.accepted() == []
    assert shown.question.toPlainText() == GOOD.question
    shown.show_proposals([])
    assert shown.answer.isReadOnly() and shown.where.text() == ""
