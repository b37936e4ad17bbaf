from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.data.findings.kinds import Action, Kind
from gui.examples.page import ExamplesPage
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.examples.test_page import write_rows

Open = Callable[[type, Session], ExamplesPage]


def test_a_decision_is_told_with_the_way_back(
    project_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(ExamplesPage, project_session)
    page.read_files([write_rows(tmp_path / "a.jsonl")])
    scenes.until(qtbot, page.is_ready, 60)
    with qtbot.waitSignal(page.offered) as offered:
        page.decide(Kind.EXACT_DUPLICATE, Action.IGNORE)
    said, verb, undo = offered.args
    assert (said, verb) == ("10 × exact copies. They stay as they are.", "Undo")
    card = page.findings.cards[Kind.EXACT_DUPLICATE]
    assert not card.undo.isHidden()
    assert page.primary_text() == "Use these 130 examples"
    undo()
    assert page.primary_text() == "Use these 120 examples"
    assert card.undo.isHidden()
