"""The rows of a draft as a table: read only when they come into view, a million as well as ten."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from core.data.cleaning import (
    KEPT,
    Choices,
    CleaningPlan,
    ReviewDecision,
    RowAction,
    reason_name,
)
from core.data.draft import Draft
from core.data.example import BadRow, Example
from core.data.findings.kinds import INFO, Kind
from core.language import N_, _, ngettext, number
from gui.kit.look.fonts import code_font
from gui.rows.code_look import has_code

# Translators: "What happens" to the row: it is used, repaired or left out
_COLUMNS = (N_("Row"), N_("Question"), N_("Answer"), N_("What happens"))
_TEXTS = (1, 2)  # columns
_SHOWN = 400
_CACHED = 1000
_LINES = 2
_AROUND = 20  # pixels left and right of a text, together

Index = QModelIndex | QPersistentModelIndex


class ExampleTableModel(QAbstractTableModel):
    """Some rows of a draft, by their numbers, with what the plan does to each."""

    def __init__(self) -> None:
        super().__init__()
        self._draft: Draft | None = None
        self._plan: CleaningPlan | None = None
        self._choices = Choices()
        self._rows: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._cache: OrderedDict[int, Example | BadRow] = OrderedDict()

    def show_rows(
        self,
        draft: Draft | None,
        plan: CleaningPlan | None,
        rows: NDArray[np.int64],
        choices: Choices | None = None,
    ) -> None:
        """Show these rows of ``draft`` as they will be."""
        self.beginResetModel()
        self._cache.clear()  # other repairs may apply
        self._draft, self._plan, self._rows = draft, plan, rows
        self._choices = choices or Choices()
        self.endResetModel()

    def row_number(self, place: int) -> int:
        """Return the number in the draft of the row at ``place`` in the table."""
        return int(self._rows[place])

    def place_of(self, row: int) -> int:
        """Return where a row of the draft stands in the table, or -1."""
        place = int(np.searchsorted(self._rows, row))
        return place if place < len(self._rows) and self._rows[place] == row else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _(_COLUMNS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, and for screen readers the same with the column's name."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        roles = Qt.ItemDataRole
        if role not in (roles.DisplayRole, roles.AccessibleTextRole, roles.FontRole):
            return None
        text = self._text(self.row_number(index.row()), index.column())
        if role == roles.FontRole:
            is_code = index.column() in _TEXTS and has_code(text)
            return code_font(QApplication.font()) if is_code else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _("{name}: {value}", name=_(_COLUMNS[index.column()]), value=text)
        return text

    def _text(self, row: int, column: int) -> str:
        if column == 0:
            return number(row + 1)
        if column == 3:
            return fate(self._plan, row, self._choices)
        item = self._item(row)
        if isinstance(item, BadRow):
            return (
                item.raw[:_SHOWN]
                if column == 1
                else _("Not readable: {reason}", reason=item.reason)
            )
        return (_asked if column == 1 else _answered)(item)[:_SHOWN]

    def _item(self, row: int) -> Example | BadRow:
        known = self._cache.get(row)
        if known is not None:
            self._cache.move_to_end(row)
            return known
        if self._draft is None:
            raise LookupError(row)
        item = self._draft.row(row)
        if isinstance(item, Example):
            repairs = int(self._plan.repairs[row]) if self._plan else 0
            item = self._draft.repaired(item, repairs, self._choices.rows.get(row))
        self._cache[row] = item
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return item


def fate(plan: CleaningPlan | None, row: int, choices: Choices) -> str:
    """Return in a few words what happens to a row, and whether the user flagged it."""
    if plan is None:
        return ""
    what = _fate(plan, row, choices)
    if choices.reviewed.get(row) is ReviewDecision.FLAG:
        return _("{what} · flagged", what=what)
    return what


def _fate(plan: CleaningPlan, row: int, choices: Choices) -> str:
    code = int(plan.reason[row])
    if code == KEPT:
        choice = choices.rows.get(row)
        if choice is not None and choice.action is RowAction.EDIT:
            return _("Changed by you")
        return _("Repaired") if plan.repairs[row] else _("Used")
    name = reason_name(code)
    return _("Left out by you") if name == "person" else _left_out(Kind(name))


def _left_out(kind: Kind) -> str:
    return _("Left out: {finding}", finding=INFO[kind].title)


class ExampleTable(QTableView):
    """The table; Tab leaves it, the arrow keys move in it.

    Attributes:
        row_chosen: the number in the draft of the row that became current.
    """

    row_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ExampleTableModel()
        self.setModel(self.rows)
        self.setAccessibleName(_("Examples"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Fixed heights: measuring a million rows would stall the window.
        heights = self.verticalHeader()
        heights.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        heights.setDefaultSectionSize(_LINES * self.fontMetrics().lineSpacing() + 8)
        heights.hide()
        self._set_widths()
        self.selectionModel().currentRowChanged.connect(self._current_changed)

    def _set_widths(self) -> None:
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column in (0, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self._give_width(0, _(_COLUMNS[0]), number(1_000))
        # Two lines hold what happens to a row.
        longest = _left_out(Kind.EXACT_DUPLICATE)
        self._give_width(3, _(_COLUMNS[3]), longest[: len(longest) * 2 // 3])

    def _give_width(self, column: int, *texts: str) -> None:
        widest = max(map(self.fontMetrics().horizontalAdvance, texts))
        self.horizontalHeader().resizeSection(column, widest + _AROUND)

    def show_rows(
        self,
        draft: Draft | None,
        plan: CleaningPlan | None,
        rows: NDArray[np.int64],
        choices: Choices | None = None,
    ) -> None:
        """Show these rows and keep the current one if it is among them."""
        current = self.current_row()
        self.rows.show_rows(draft, plan, rows, choices)
        if len(rows):
            self._give_width(0, _(_COLUMNS[0]), number(int(rows[-1]) + 1))
        place = self.rows.place_of(current) if current >= 0 else -1
        if len(rows):
            self.choose(max(0, place))

    def choose(self, place: int) -> None:
        """Make the row at ``place`` the current one."""
        index = self.rows.index(place, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def current_row(self) -> int:
        """Return the number in the draft of the current row, or -1."""
        index = self.currentIndex()
        return self.rows.row_number(index.row()) if index.isValid() else -1

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.row_chosen.emit(self.rows.row_number(current.row()))


def _asked(item: Example) -> str:
    """Return what stands before the answer; of a conversation, what it begins with."""
    return item.messages[0].content if _answers(item)[1:] else item.question


def _answered(item: Example) -> str:
    """Return the answer; of a conversation, how many there are, and the longest."""
    answers = _answers(item)
    if not answers[1:]:
        return item.answer
    longest = max(answers, key=len)
    return ngettext(
        "{count:,} answer, such as: {text}",
        "{count:,} answers, such as: {text}",
        len(answers),
        text=longest,
    )


def _answers(item: Example) -> list[str]:
    return [message.content for message in item.messages if message.role == "assistant"]
