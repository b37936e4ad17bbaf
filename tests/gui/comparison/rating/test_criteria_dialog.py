from pytestqt.qtbot import QtBot

from core.evaluation.rating.criteria import MOST_CRITERIA, usual_criteria
from gui.comparison.rating.criteria_dialog import CriteriaDialog


def test_criteria_are_added_changed_and_removed(qtbot: QtBot) -> None:
    usual = usual_criteria()
    dialog = CriteriaDialog(usual)
    qtbot.addWidget(dialog)
    assert dialog.criteria == usual
    dialog.add.click()
    assert not dialog.add.isEnabled(), f"{MOST_CRITERIA} are enough"
    dialog.rows[-1].name.setText("Courage")
    dialog.rows[-1].text.setText("It says so where it does not know.")
    dialog.rows[0].remove.click()
    dialog.rows[0].name.setText("To the point")
    names = [one.name for one in dialog.criteria]
    assert names == ["To the point", "Tone", "Formatting", "Courage"]
    assert dialog.criteria[0].key == "relevance", "its marks stay with it"
    dialog.add.click()
    assert len(dialog.criteria) == 4, "one without a name is none"
