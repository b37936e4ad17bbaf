from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.export.saves.listing import saved_forms
from core.project import Project
from gui.saving.saved_table import SavedTable
from tests.gui.saving.saves import save, save_some


def test_every_saving_is_a_row_and_the_chosen_one_is_opened(qtbot: QtBot, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    table = SavedTable()
    qtbot.addWidget(table)
    table.show_saved(())
    assert table.isHidden()
    save_some(project, tmp_path)
    table.show_saved(saved_forms(project))
    assert not table.isHidden()
    rows = [
        [table.table.item(row, column).text() for column in range(6)]
        for row in range(table.table.rowCount())
    ]
    assert [row[0] for row in rows] == ["GGUF Q5_K_M", "GGUF Q4_K_M", "Adapter"]
    assert [row[4] for row in rows] == ["✗ no, not saved", "≈ slightly different", "✓ yes"]
    assert rows[1][1:4] == ["0.1 GB", "62", "+0.5 %"]
    assert "does not answer like" in table.table.item(0, 4).toolTip()
    assert table.folder.text().startswith("not saved: ")
    table.table.selectRow(1)
    assert table.folder.text().startswith("unchanged: ")
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert opened.args[0].job == "export-002"
    save(project, tmp_path / "again", largest_difference=0.0)
    table.show_saved(saved_forms(project))
    assert table.chosen().job == "export-002", "the chosen one stays chosen"
    with qtbot.waitSignal(table.opened):
        table.open.click()


def test_where_it_is_narrow_the_verdict_stays_in_sight(qtbot: QtBot, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    save_some(project, tmp_path)
    table = SavedTable()
    qtbot.addWidget(table)
    table.show_saved(saved_forms(project))
    table.resize(900, 400)
    table.show()
    assert not any(table.table.isColumnHidden(column) for column in range(5))
    table.resize(420, 400)
    qtbot.waitUntil(lambda: table.table.isColumnHidden(2))
    assert not table.table.isColumnHidden(0) and not table.table.isColumnHidden(4)
    qtbot.waitUntil(lambda: table.table.horizontalScrollBar().maximum() == 0)
    table.resize(900, 400)
    qtbot.waitUntil(lambda: not table.table.isColumnHidden(2))
