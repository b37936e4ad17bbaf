from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.models.catalogue import SAMPLE_KEY, entry_named, find_entry, load_catalogue
from gui.base_model.model_card import from_catalogue
from gui.base_model.model_list import ModelList
from tests.gui.base_model.test_known_models import Small


def test_what_fits_comes_first_and_what_is_gone_goes(qtbot: QtBot) -> None:
    entries = [entry for entry in load_catalogue() if not entry.packaged]
    large = next(e for e in entries if e.shape.total_parameters > 2e9)
    small = next(e for e in entries if e.shape.total_parameters < 2e9)
    listed = ModelList()
    qtbot.addWidget(listed)
    listed.add(from_catalogue(large, Path("/large")), choose=True)
    listed.add(from_catalogue(small, Path("/small")), choose=False)
    listed.add(from_catalogue(small, Path("/small")), choose=False)
    assert len(listed.cards) == 2, "each folder once"
    assert listed.chosen().candidate.folder == Path("/large")
    listed.show_fit(Small())  # type: ignore[arg-type]
    assert [card.candidate.folder for card in listed.cards] == [Path("/small"), Path("/large")]
    assert listed.chosen().candidate.folder == Path("/large"), "it stays the choice"
    with qtbot.waitSignal(listed.changed):
        listed.drop([Path("/large")])
    assert listed.folders() == {Path("/small")} and listed.chosen() is None
    listed.choose(Path("/nowhere"), or_first=False)
    assert listed.chosen() is None
    listed.choose(Path("/nowhere"), or_first=True)
    assert listed.chosen().candidate.folder == Path("/small")
    assert listed.focus_chosen()


def test_a_model_for_other_languages_than_the_answers_is_told(qtbot: QtBot) -> None:
    sample, qwen = find_entry(SAMPLE_KEY), entry_named("Qwen/Qwen3-0.6B")
    assert sample is not None and qwen is not None
    listed = ModelList()
    qtbot.addWidget(listed)
    listed.add(from_catalogue(sample, Path("/sample")), choose=True)
    listed.add(from_catalogue(qwen, Path("/qwen")), choose=False)
    listed.show()
    here = Small()
    listed.show_fit(here)  # type: ignore[arg-type]
    assert not listed.other_language.isVisible(), "the answers have no language of their own"
    here.language = "German"
    listed.show_fit(here)  # type: ignore[arg-type]
    assert listed.other_language.isVisible()
    assert "Your answers are in German" in listed.other_language.what.text()
    with qtbot.waitSignal(listed.wanted) as told:
        listed.other_language.findChildren(QPushButton)[-1].click()
    assert told.args == ["German"]
    listed.choose(Path("/qwen"), or_first=False)
    assert not listed.other_language.isVisible()
