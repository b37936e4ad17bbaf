from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.models.catalogue import load_catalogue
from gui.base_model.known_models import KnownModels


def test_every_model_that_has_to_be_fetched_is_listed(qtbot: QtBot) -> None:
    widget = KnownModels()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    widget.show()
    names = [
        widget.table.item(row, 0).text().splitlines()[0] for row in range(widget.table.rowCount())
    ]
    assert names == [entry.hub_id for entry in load_catalogue() if not entry.packaged]
    for row, entry in enumerate(entry for entry in load_catalogue() if not entry.packaged):
        said = widget.table.item(row, 2).text()
        assert all(name in said for name in entry.languages) and "Licence: " in said
    rows = sum(widget.table.rowHeight(row) for row in range(widget.table.rowCount()))
    assert widget.table.height() >= rows, "the table does not scroll by itself"


def test_the_keyboard_picks_a_name_and_return_settles_it(qtbot: QtBot) -> None:
    widget = KnownModels()
    qtbot.addWidget(widget)
    widget.show()
    picked: list[str] = []
    settled: list[bool] = []
    widget.picked.connect(picked.append)
    widget.settled.connect(lambda: settled.append(True))
    entries = [entry for entry in load_catalogue() if not entry.packaged]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(widget.table, key)
    assert picked[-1] == entries[widget.table.currentRow()].hub_id and not settled
    qtbot.keyClick(widget.table, Qt.Key.Key_Return)
    assert settled and picked[-1] == entries[widget.table.currentRow()].hub_id
