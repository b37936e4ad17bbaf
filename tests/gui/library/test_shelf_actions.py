# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

import dataclasses

from pytestqt.qtbot import QtBot

from core.library.about import About, write_about
from gui.library.page import LibraryPage
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.library.test_page import page, two  # noqa: F401 - fixtures


def test_a_duplicate_is_a_fine_tune_of_its_own(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    page.shelf.cards[1].choose()
    with qtbot.waitSignal(page.offered) as offered:
        page.duplicate.click()
    scenes.until(qtbot, lambda: len(page.tunes) == 3)
    assert page.shelf.chosen().name == "Probe (copy)"
    assert page.chosen().run.name == "train-003"
    assert page.chosen().perplexity is not None, "its comparison came with it"
    offered.args[2]()
    scenes.until(qtbot, lambda: len(page.tunes) == 2)


def test_a_name_that_is_taken_away_is_not_told_any_more(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    kept = page.shelf.cards[0].kept
    write_about(kept.tune.run, About(name="Gardener"))
    named = dataclasses.replace(kept, about=About(name="Gardener"), name="Gardener")
    with qtbot.waitSignal(page.deeds.offered) as offered:
        page.deeds.say(named, About())
    assert offered.args[0] == f"“{kept.name}” is changed." and "Gardener" not in kept.name
