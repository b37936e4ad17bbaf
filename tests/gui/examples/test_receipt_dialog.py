from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion
from core.data.preparation import prepare
from core.data.splitting import SplitOptions
from gui.examples.receipt_dialog import ReceiptDialog
from tests.gui.examples.drafts import make_draft


@pytest.fixture
def version(tmp_path: Path) -> DatasetVersion:
    with make_draft(tmp_path) as draft:
        return prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")


@pytest.fixture
def dialog(version: DatasetVersion, qtbot: QtBot) -> ReceiptDialog:
    made = ReceiptDialog(version)
    qtbot.addWidget(made)
    return made


def words(dialog: ReceiptDialog) -> str:
    """Everything that can be read in it."""
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    for table in dialog.tables:
        cells = (table.item(r, c) for r in range(table.rowCount()) for c in range(5))
        texts += [cell.text() for cell in cells if cell is not None]
    return " ".join(texts)


def test_it_can_be_read(dialog: ReceiptDialog, version: DatasetVersion) -> None:
    text = words(dialog)
    assert "45 rows came in: 43 kept" in text
    assert version.content_hash in text
    assert "exact copies" in text
    assert all(table.accessibleName() for table in dialog.tables)


@pytest.mark.parametrize(("name", "begin"), [("a.html", "<!DOCTYPE"), ("ü 漢字.md", "# Receipt")])
def test_it_can_be_saved(dialog: ReceiptDialog, tmp_path: Path, name: str, begin: str) -> None:
    dialog.save_to(tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begin)
    assert dialog.said.text() == f"Saved to {tmp_path / name}."


def test_a_refusal_is_told(dialog: ReceiptDialog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    dialog.save_to(tmp_path / "file" / "receipt.html")
    assert "Saved" not in dialog.said.text()
    assert dialog.said.text()


def test_the_kind_decides_the_ending(
    dialog: ReceiptDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = (str(tmp_path / "mine"), "Markdown (*.md)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    dialog.save.click()
    assert (tmp_path / "mine.md").is_file()


def test_what_is_for_experts_is_folded_away(dialog: ReceiptDialog, version: DatasetVersion) -> None:
    assert not dialog.experts.is_open()
    inside = {text.text() for text in dialog.experts.findChildren(QLabel)}
    outside = {text.text() for text in dialog.findChildren(QLabel)} - inside
    assert any(version.content_hash in text for text in inside)
    assert not any("hash" in text or "seed" in text for text in outside)
    heads = [
        table.horizontalHeaderItem(column).text()
        for table in dialog.tables
        if not dialog.experts.isAncestorOf(table)
        for column in range(table.columnCount())
    ]
    assert "SHA-256" not in heads
