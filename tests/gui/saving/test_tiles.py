from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.export.saves.forms import Choice, Weights
from core.export.saves.rates import Measured
from gui.saving import tiles as module
from gui.saving.tiles import HERE, Tiles

GB = 10**9


def test_one_place_is_chosen_and_shows_its_forms(qtbot: QtBot) -> None:
    tiles = Tiles()
    qtbot.addWidget(tiles)
    tiles.show()
    tiles.choose("python")
    assert tiles.choice == Choice("adapter")
    with qtbot.waitSignal(tiles.changed):
        tiles.cards["ollama"].choose()
    assert tiles.choice == Choice("gguf", "Q4_K_M")
    assert not tiles.cards["python"].is_chosen()
    assert [tile for tile, ways in tiles._ways.items() if ways.field.isVisible()] == ["ollama"]
    tiles.choose("machine", Choice("gguf", "Q8_0"))
    assert tiles.choice == Choice("gguf", "Q8_0")
    tiles.choose(HERE)
    assert tiles.choice is None


@pytest.mark.parametrize(
    ("ollama", "lm_studio", "first"),
    [(True, True, "ollama"), (False, True, "lm_studio"), (False, False, HERE)],
)
def test_it_begins_with_what_is_on_this_computer(
    ollama: bool, lm_studio: bool, first: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "has_ollama", lambda: ollama)
    monkeypatch.setattr(module, "lm_studio_folder", lambda: Path("/x") if lm_studio else None)
    tiles = Tiles()
    qtbot.addWidget(tiles)
    assert tiles.tile == first


def test_size_and_time_are_said_beforehand(qtbot: QtBot) -> None:
    tiles = Tiles()
    qtbot.addWidget(tiles)
    assert "About" not in tiles.cards["ollama"]._text.text()
    measured = [Measured(form="gguf", quant="Q4_K_M", model=16 * GB, seconds=600)]
    tiles.tell(Weights(16 * GB, GB // 10), measured)
    assert "About 4.9 GB, and about 10 min" in tiles.cards["ollama"]._text.text()
    assert "About 0.1 GB" in tiles.cards["python"]._text.text()
    tiles.choose("ollama", Choice("gguf", "F16"))
    assert "About 16.0 GB" in tiles.cards["ollama"]._text.text()
    assert "About" not in tiles.cards[HERE]._text.text()
