from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.models.catalogue import load_catalogue
from gui.base_model.known_models import KnownModels


def test_every_model_that_has_to_be_fetched_is_listed(qtbot: QtBot) -> None:
    widget = KnownModels()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    widget.show()
    names = [widget.table.item(row, 0).text() for row in range(widget.table.rowCount())]
    assert names == [entry.hub_id for entry in load_catalogue() if not entry.packaged]
    rows = sum(widget.table.rowHeight(row) for row in range(widget.table.rowCount()))
    assert widget.table.height() >= rows, "the table does not scroll by itself"
