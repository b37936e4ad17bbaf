"""The receipt of the accepted examples, to be read, saved and printed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from core.data.dataset import DatasetVersion
from core.data.receipt import Receipt
from core.data.receipt_page import html_page, markdown_page
from core.errors import UserFacingError
from core.files import write_text
from gui.theme import Space
from gui.widgets.labels import announce, label

_SIZE = (820, 640)
_WEB, _MARKDOWN = "Web page (*.html)", "Markdown (*.md)"


class _Page(QTextBrowser):
    """Shows the page and loads nothing from anywhere."""

    def loadResource(self, _kind: int, _url: QUrl) -> object:
        """Refuse pictures and style sheets: the page has none."""
        return None


class ReceiptDialog(QDialog):
    """Shows the receipt of one dataset version."""

    def __init__(self, version: DatasetVersion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._version = version
        self._receipt = Receipt.model_validate(version.receipt())
        self.setWindowTitle("Receipt of your examples")
        self.resize(*_SIZE)
        self.page = _Page()
        self.page.setOpenLinks(False)
        self.page.setAccessibleName("Receipt of your examples")
        self.page.setHtml(html_page(self._receipt))
        self.said = label("", "muted")
        self.save = QPushButton("Save as …")
        self.save.clicked.connect(self._ask_where)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.accept)
        QShortcut(QKeySequence.StandardKey.Save, self, self._ask_where)
        row = QHBoxLayout()
        row.addWidget(self.said, 1)
        row.addWidget(self.save)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.LARGE, Space.LARGE, Space.LARGE, Space.LARGE)
        column.addWidget(self.page, 1)
        column.addLayout(row)

    def _ask_where(self) -> None:
        name = f"receipt-{self._version.content_hash[:8]}.html"
        path, kind = QFileDialog.getSaveFileName(
            self, "Save the receipt", str(Path.home() / name), f"{_WEB};;{_MARKDOWN}"
        )
        if path:
            suffix = ".md" if kind == _MARKDOWN else ".html"
            target = Path(path)
            self.save_to(target if target.suffix else target.with_suffix(suffix))

    def save_to(self, path: Path) -> None:
        """Write the receipt, as Markdown where the name says so, and say whether it worked."""
        is_markdown = path.suffix.lower() in (".md", ".markdown")
        text = markdown_page(self._receipt) if is_markdown else html_page(self._receipt)
        try:
            write_text(path, text)
        except UserFacingError as error:
            self.said.setText(f"{error.what} {error.todo}")
        else:
            self.said.setText(f"Saved in {path}.")
        announce(self, self.said.text())
