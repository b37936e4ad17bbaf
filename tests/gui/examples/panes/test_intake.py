from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog
from pytest import MonkeyPatch
from pytestqt.qtbot import QtBot

from gui.examples.page import ExamplesPage
from gui.kit.theme import application
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], ExamplesPage]


def test_a_pasted_table_becomes_examples(
    project_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(ExamplesPage, project_session)
    rows = (f"What comes after {n}?\tIt is {n + 1}." for n in range(30))
    application().clipboard().setText("\n".join(rows))
    page.drop.paste.click()
    scenes.until(qtbot, page.is_ready, 60)
    assert page.primary_text() == "Use these 30 examples"
    assert page.draft is not None
    assert page.draft.row(0).answer == "It is 1."


def test_what_is_no_table_is_refused(
    project_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(ExamplesPage, project_session)
    with qtbot.waitSignal(page.failed) as failed:
        page.intake.paste("just words")
    assert failed.args[0].code == "examples.no_table"
    assert not page.is_busy()


def test_the_template_is_written_where_you_want_it(
    project_session: Session,
    open_page: Open,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: MonkeyPatch,
) -> None:
    page, path = open_page(ExamplesPage, project_session), tmp_path / "Vorlage ü.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(page.told):
        page.drop.template.click()
    assert path.read_text(encoding="utf-8").startswith("question,answer\n")
