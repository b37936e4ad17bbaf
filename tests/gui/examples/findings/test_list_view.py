from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices
from core.data.findings.kinds import INFO, Action, Kind
from gui.examples.findings.list_view import FindingList
from tests.gui.examples.drafts import make_draft


def test_one_card_for_each_kind(qtbot: QtBot, tmp_path: Path) -> None:
    made = FindingList(Kind)
    qtbot.addWidget(made)
    with make_draft(tmp_path) as draft:
        made.show_draft(draft)
        made.show_draft(draft)
        made.show_choices(Choices(), "")
        assert set(made.cards) == set(draft.summary.findings)
        assert made.found.text() == f"{len(made.cards)} kinds of findings"
        with qtbot.waitSignal(made.action_chosen) as chosen:
            made.cards[Kind.HTML].fix.click()
        assert chosen.args == [Kind.HTML, Action.FIX]


def test_undo_names_what_it_takes_back(qtbot: QtBot) -> None:
    made = FindingList(Kind)
    qtbot.addWidget(made)
    made.show_choices(Choices(), "")
    assert not made.undo.isEnabled()
    made.show_choices(Choices(), "row 3")
    assert made.undo.text() == " Undo (row 3)"
    with qtbot.waitSignal(made.undone):
        made.undo.click()


def test_what_waits_for_a_decision_stands_before_what_is_done_already(
    qtbot: QtBot, tmp_path: Path
) -> None:
    made = FindingList(Kind)
    qtbot.addWidget(made)
    with make_draft(tmp_path) as draft:
        made.show_draft(draft)
        open_ones = [INFO[kind].default is Action.IGNORE for kind in made.cards]
        assert open_ones == sorted(open_ones, reverse=True)
        assert True in open_ones
        assert False in open_ones
