from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.models.catalogue import load_catalogue, load_everything
from gui.base_model.model_filter import _PURPOSES, ModelFilter


def test_every_purpose_of_the_catalogue_has_its_words() -> None:
    used = {
        purpose for entry in load_catalogue() if not entry.packaged for purpose in entry.purpose
    }
    assert used == set(_PURPOSES)


def test_without_a_choice_everything_passes(qtbot: QtBot) -> None:
    entries = load_everything()
    sieve = ModelFilter(entries)
    qtbot.addWidget(sieve)
    assert all(sieve.lets_through(entry, fits=False) for entry in entries)
    sieve.fitting.setChecked(True)
    assert not any(sieve.lets_through(entry, fits=False) for entry in entries)
    assert sieve.language.findData("and more") == -1
