# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.library.page import LibraryPage
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.library.test_page import page, two  # noqa: F401 - fixtures
from tests.gui.saving.saves import save


def test_every_fine_tune_is_a_card_with_its_facts(page: LibraryPage) -> None:
    newest, oldest = page.shelf.cards
    assert newest.button.text() == "Probe, run 2"
    assert oldest.button.text() == "Probe"
    assert newest._text.text() == "Not compared with its base model yet."
    assert newest.places.text() == "Not saved to a folder yet."
    assert oldest._text.text().startswith("Better than the base model in 2 of 2 scores.")
    assert oldest.origin.text().startswith("Probe · tiny · ")
    assert oldest.took.text().startswith("4 min · 17 Wh · under $0.01 · ")
    assert oldest.took.text().endswith(" on disk")
    assert "Wh" not in newest.took.text(), "not measured"
    assert page.shelf.sum.text().startswith("2 fine-tunes take ")
    assert oldest.button.accessibleDescription().startswith("Better than the base model")


def test_it_says_where_it_was_saved(
    page: LibraryPage, two: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    save(two.require_project(), tmp_path / "out ü", largest_difference=0.0)
    page.enter()
    scenes.until(qtbot, lambda: "saved in" in page.shelf.cards[1].places.text())
    assert page.shelf.cards[1].places.text() == f"Adapter saved in {tmp_path / 'out ü'}"
