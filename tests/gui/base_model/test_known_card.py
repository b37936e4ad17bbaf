from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.models.catalogue import load_catalogue
from core.planning.memory import Badge
from gui.base_model.known_card import KnownCard
from tests.gui.base_model.test_known_models import Small


def test_it_says_the_download_the_memory_and_the_time(qtbot: QtBot) -> None:
    entry = next(e for e in load_catalogue() if e.gated and not e.packaged)
    card = KnownCard(entry)
    qtbot.addWidget(card)
    assert card.name.text() == entry.hub_id
    assert card.download.text().startswith("Download ")
    assert "Checking the free memory" in card.accessibleDescription()
    assert "Accept the model's terms" in card.accessibleDescription()
    badge = Badge("tight", "Tight", "Needs about 9 of 10 GB free.")
    card.show_fit(Small(), badge)  # type: ignore[arg-type]
    assert card.fit.text() == "Needs about 9 of 10 GB free. Takes 3 h."
    assert "Tight" in card.accessibleDescription()
