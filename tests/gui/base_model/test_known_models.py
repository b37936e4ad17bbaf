from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.models.catalogue import load_catalogue
from core.planning.memory import Badge
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


def test_the_list_is_narrowed_by_what_is_looked_for(qtbot: QtBot) -> None:
    widget = KnownModels()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    widget.show()
    entries = [entry for entry in load_catalogue() if not entry.packaged]

    def listed() -> list[str]:
        rows = range(widget.table.rowCount())
        return [
            e.key for row, e in zip(rows, entries, strict=True) if not widget.table.isRowHidden(row)
        ]

    def choose(dropdown, value) -> None:  # type: ignore[no-untyped-def]
        dropdown.setCurrentIndex(dropdown.findData(value))

    whole = widget.table.height()
    choose(widget.filter.purpose, "code")
    assert listed() == [e.key for e in entries if "code" in e.purpose]
    assert widget.table.height() < whole
    choose(widget.filter.licence, "mit")
    choose(widget.filter.largest, 16 * 10**9)
    choose(widget.filter.language, "Chinese")
    assert listed() == ["deepseek-r1-7b"] and not widget.nothing.isVisible()
    choose(widget.filter.largest, 10**9)
    assert not listed() and widget.nothing.isVisible()
    for dropdown in (widget.filter.purpose, widget.filter.licence, widget.filter.largest):
        dropdown.setCurrentIndex(0)
    widget.filter.language.setCurrentIndex(0)
    assert listed() == [e.key for e in entries] and not widget.filter.fitting.isEnabled()


def test_only_what_fits_on_this_computer(qtbot: QtBot) -> None:
    widget = KnownModels()
    qtbot.addWidget(widget)
    widget.show()

    class Small:
        def badge(self, shape, model_type):  # type: ignore[no-untyped-def]
            return Badge("fits" if shape.total_parameters < 2e9 else "wont_fit", "t", "s.")

        def takes(self, shape, model_type):  # type: ignore[no-untyped-def]
            return "3 h"

    widget.show_fit(Small())  # type: ignore[arg-type]
    assert widget.filter.fitting.isChecked(), "from the first look on"
    entries = [entry for entry in load_catalogue() if not entry.packaged]
    for row, entry in enumerate(entries):
        assert widget.table.isRowHidden(row) == (entry.shape.total_parameters >= 2e9)
        fits = entry.shape.total_parameters < 2e9
        assert widget.table.item(row, 1).text() == ("t\ns. Takes 3 h." if fits else "t\ns.")
    widget.filter.fitting.setChecked(False)
    widget.show_fit(Small())  # type: ignore[arg-type]
    assert not widget.filter.fitting.isChecked(), "your own choice stays"
