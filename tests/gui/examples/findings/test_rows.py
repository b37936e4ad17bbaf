from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices, RowAction, RowChoice
from core.data.findings.kinds import Action, Kind
from tests.core.data.examples import scanned
from tests.gui.examples.findings.test_card import shown


def test_the_button_counts_the_rows_that_are_left(tmp_path: Path, qtbot: QtBot) -> None:
    rows = [{"question": f"How do I reach {n}?", "answer": f"Ask in room {n}."} for n in range(30)]
    rows[4]["answer"] = "By mail to anna.k@posteo.de, please."
    rows[9]["answer"] = "By mail to sean.o@posteo.ie, please."
    draft, _summary = scanned(tmp_path, rows)
    with draft:
        card = shown(Kind.PERSONAL_DATA, draft, qtbot)
        assert card.rows.fix.text() == "Hide (2)"
        one = Choices().with_row(9, RowChoice(action=RowAction.KEEP))
        card.show_choices(one)
        assert card.rows.fix.text() == "Hide (1)"
        hidden = one.with_action(Kind.PERSONAL_DATA, Action.FIX)
        assert card.sentence(hidden).startswith("1 × personal data. ")
        card.show_choices(one.with_row(4, RowChoice(action=RowAction.DROP)))
        assert card.rows.fix.isHidden(), "each row is decided"
