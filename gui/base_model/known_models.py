"""Well-known base models to download: what they are good at and whether they would fit here."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidgetItem,
    QWidget,
)

from core.language import N_, _
from core.models.catalogue import CatalogueEntry, load_catalogue
from core.models.licence import licence_name
from core.planning.environment import Environment
from core.wording import gigabytes
from gui.base_model.model_card import fit_in_words
from gui.base_model.model_filter import ModelFilter
from gui.kit.boxes import vbox
from gui.kit.labels import label, letters, plain_tip
from gui.kit.tables import table_to_choose_from
from gui.kit.theme import Space

# Translators: "Here": whether the model fits on this computer
_COLUMNS = (N_("Model"), N_("Here"), N_("Good at, licence"))
_FIT = 1
_FIT_LETTERS = 24


class KnownModels(QWidget):
    """A table to choose a name from; nothing here uses the network.

    Attributes:
        picked: a row became the current one; carries the model's name on the hub.
        settled: it was clicked, or chosen with Return.
    """

    picked = Signal(str)
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = [entry for entry in load_catalogue() if not entry.packaged]
        columns = [_(column) for column in _COLUMNS]
        name = _("Well-known base models")
        self.table = table_to_choose_from(name, columns, len(self._entries))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(_FIT, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(_FIT, letters(_FIT_LETTERS))
        self.table.setItemDelegate(_Roomy(self.table))
        self.table.itemSelectionChanged.connect(self._pick)
        self.table.cellClicked.connect(self._settle)
        self.table.cellActivated.connect(self._settle)
        self.filter = ModelFilter(self._entries)
        self.filter.changed.connect(self._sift)
        self.nothing = label(_("No model matches."), "muted")
        self.nothing.hide()
        self._fits: dict[int, bool] = {}
        vbox(
            label(_("Well-known models"), "heading"),
            self.filter,
            self.nothing,
            self.table,
            on=self,
            margins=(0, Space.SMALL, 0, 0),
        )
        for row, entry in enumerate(self._entries):
            self._fill(row, entry)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The page scrolls, the table does not: it is as high as its rows."""
        super().resizeEvent(event)
        self._be_as_high_as_the_rows()

    def _sift(self) -> None:
        """List what the choices let through."""
        for row, entry in enumerate(self._entries):
            shown = self.filter.lets_through(entry, fits=self._fits.get(row, True))
            self.table.setRowHidden(row, not shown)
        self.nothing.setVisible(all(map(self.table.isRowHidden, range(len(self._entries)))))
        self._be_as_high_as_the_rows()

    def _be_as_high_as_the_rows(self) -> None:
        self.table.resizeRowsToContents()
        rows = sum(self.table.rowHeight(row) for row in range(self.table.rowCount()))
        self.table.setFixedHeight(rows + self.table.horizontalHeader().sizeHint().height() + 4)

    def _pick(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self.picked.emit(self._entries[rows[0].row()].hub_id)

    def _settle(self) -> None:
        self._pick()
        self.settled.emit()

    def _fill(self, row: int, entry: CatalogueEntry) -> None:
        texts = (
            f"{entry.hub_id}\n{gigabytes(entry.download_bytes)}",
            "…",
            "\n".join((_good_at(entry), _("Languages: {names}", names=", ".join(entry.languages)))),
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(plain_tip(text))
            self.table.setItem(row, column, item)

    def show_fit(self, environment: Environment) -> None:
        """Fill the last column."""
        for row, entry in enumerate(self._entries):
            badge = environment.badge(entry.shape, entry.model_type)
            item = self.table.item(row, _FIT)
            self._fits[row] = badge.level in ("fits", "tight")
            if item is None:
                continue
            said = fit_in_words(environment, badge, entry.shape, entry.model_type)
            item.setText(f"{badge.title}\n{said}")
            item.setToolTip(plain_tip(said))
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, said)
        if not self.filter.fitting.isEnabled():  # for the first time
            self.filter.fitting.setEnabled(True)
            self.filter.fitting.setChecked(any(self._fits.values()))
        self._sift()


class _Roomy(QStyledItemDelegate):
    """Qt wraps a text in less width than it measures it in, and then cuts the last line."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Measure in the width that is left inside the margins."""
        narrow = QStyleOptionViewItem(option)
        narrow.rect = option.rect.adjusted(0, 0, -2 * Space.TINY, 0)
        return super().sizeHint(narrow, index)


def _good_at(entry: CatalogueEntry) -> str:
    what, licence = _(entry.good_at), licence_name(entry.licence)
    if entry.gated:
        return _(
            "{what} Licence: {licence}. Accept the model's terms on the hub before you download "
            "it.",
            what=what,
            licence=licence,
        )
    return _("{what} Licence: {licence}.", what=what, licence=licence)
