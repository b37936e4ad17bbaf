"""The receipt for the accepted examples, to read and save."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.data.dataset import DatasetVersion
from core.data.versions.receipt import Receipt
from core.data.versions.receipt_page import (
    Block,
    Table,
    expert_section,
    html_page,
    markdown_page,
    sections,
)
from core.errors import UserFacingError
from core.language import _, ngettext
from core.storage.files import write_text
from gui.kit.boxes import hbox, vbox
from gui.kit.cards.fold import Fold
from gui.kit.labels import announce, label, selectable
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE = (880, 680)
_MARKDOWN = "(*.md)"  # not shown without its name
_MOST_ROWS = 60  # of a table; the saved page has all of them


class ReceiptDialog(QDialog):
    """Shows the receipt of one dataset version, the same as the page that is saved."""

    def __init__(self, version: DatasetVersion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._version = version
        self._receipt = Receipt.model_validate(version.receipt())
        self.setWindowTitle(_("Receipt of your examples"))
        fit_dialog(self, *_SIZE)
        self.tables: list[QTableWidget] = []
        self.said = label("", "muted")
        self.save = QPushButton(_("Save as …"))
        self.save.clicked.connect(self._ask_where)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        QShortcut(QKeySequence.StandardKey.Save, self, self._ask_where)
        row = hbox((self.said, 1), self.save, self.close_button)
        page = QWidget()
        scrolled(page, self._content())
        vbox((page, 1), row, on=self, margins=Space.LARGE, spacing=Space.MEDIUM)
        self.close_button.setFocus()

    def _content(self) -> QVBoxLayout:
        column = vbox(spacing=Space.SMALL)
        for title, blocks in sections(self._receipt):
            column.addWidget(label(title, "heading"))
            self._add(column, title, blocks)
            column.addSpacing(Space.MEDIUM)
        title, blocks = expert_section(self._receipt)
        inside = vbox(spacing=Space.SMALL)
        self._add(inside, title, blocks)
        self.experts = Fold(title, inside)
        column.addWidget(self.experts)
        column.addStretch(1)
        return column

    def _add(self, column: QVBoxLayout, title: str, blocks: Sequence[Block]) -> None:
        for block in blocks:
            if not isinstance(block, Table):
                column.addWidget(selectable(block))
                continue
            column.addWidget(self._table(title, block))
            more = len(block.rows) - _MOST_ROWS
            if more > 0:
                said = ngettext(
                    "And {count:,} more row, in the page that you can save.",
                    "And {count:,} more rows, in the page that you can save.",
                    more,
                )
                column.addWidget(label(said, "muted"))

    def _table(self, name: str, block: Table) -> QTableWidget:
        rows = block.rows[:_MOST_ROWS]
        made = QTableWidget(len(rows), len(block.head))
        made.setAccessibleName(name)
        made.setHorizontalHeaderLabels(list(block.head))
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        made.setTabKeyNavigation(False)
        made.setAlternatingRowColors(True)
        made.verticalHeader().hide()
        for row, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                made.setItem(row, place, QTableWidgetItem(cell))
        header = made.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # the page scrolls
        line = made.verticalHeader().defaultSectionSize()
        made.setFixedHeight(header.sizeHint().height() + len(rows) * line + 2 * Space.TINY)
        self.tables.append(made)
        return made

    def _ask_where(self) -> None:
        name = f"receipt-{self._version.content_hash[:8]}.html"
        kinds = f"{_('Web page')} (*.html);;{_('Markdown')} {_MARKDOWN}"
        path, kind = QFileDialog.getSaveFileName(
            self, _("Save the receipt"), str(Path.home() / name), kinds
        )
        if path:
            suffix = ".md" if kind.endswith(_MARKDOWN) else ".html"
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
            self.said.setText(_("Saved to {path}.", path=str(path)))
        announce(self, self.said.text())


def open_receipt(version: Path, parent: QWidget) -> None:
    """Show the receipt of the dataset version in a folder.

    Raises:
        UserFacingError: the version is gone or damaged.
    """
    ReceiptDialog(DatasetVersion.load(version), parent).open()
