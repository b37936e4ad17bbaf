"""The examples to read through: a table with a filter, and below it the current one in full."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QSplitter, QWidget

from core.data.cleaning import KEPT, Choices, CleaningPlan, ReviewDecision, RowAction
from core.data.draft import Draft
from core.data.example import BadRow, Example
from core.data.findings.kinds import INFO, Kind
from core.language import _
from gui.examples.example_table import ExampleTable, fate
from gui.kit.boxes import vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import label, text_pane
from gui.kit.theme import Space
from gui.rows.code_look import show_text
from gui.rows.difference import readable
from gui.rows.row_search import RowSearch
from gui.rows.turn_editor import TurnEditor

_LEAST = 90  # pixels of the table
_ALL, _USED, _LEFT_OUT, _FLAGGED = "all", "used", "left_out", "flagged"


class ExamplesView(QWidget):
    """Shows a draft under a plan.

    Attributes:
        row_decided: a row's number and a ``RowAction``, or ``None`` to take a decision back.
        row_edited: a row's number and the new texts of its turns.
    """

    row_decided = Signal(int, object)
    row_edited = Signal(int, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: Draft | None = None
        self._plan: CleaningPlan | None = None
        self._choices = Choices()
        self.filter = Dropdown()
        self.filter.setAccessibleName(_("Which examples are listed"))
        self.filter.activated.connect(lambda _: self._list())
        self.search = RowSearch()
        self.search.found.connect(self._list)
        self.table = ExampleTable()
        self.table.row_chosen.connect(self._show_row)
        self.text = text_pane(_("The chosen example in full"))
        self.what = label("", "muted")
        self.table.activated.connect(lambda _index: self.edit())
        self.change = QPushButton(_("Change …"))
        self.change.setAccessibleName(_("Change the texts of this row"))
        self.change.clicked.connect(self.edit)
        self.editor: TurnEditor | None = None
        self.leave_out = QPushButton(_("Leave this row out"))
        self.take_back = QPushButton(_("Undo for this row"))
        self.leave_out.clicked.connect(lambda: self._decide(RowAction.DROP))
        self.take_back.clicked.connect(lambda: self._decide(None))
        self._lay_out()

    def _lay_out(self) -> None:
        self.title = label(_("Your examples"), "heading")
        head = vbox(self.title, Flow(self.search, self.filter, stretch=self.search))
        below = QWidget()
        column = vbox(on=below, margins=(0, Space.SMALL, 0, 0))
        buttons = Flow(self.what, self.change, self.leave_out, self.take_back, stretch=self.what)
        column.addWidget(self.text, 1)
        column.addLayout(buttons)
        self.table.setMinimumHeight(_LEAST)
        self.text.setMinimumHeight(_LEAST // 2)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 2)  # more rows than lines of one
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        vbox(head, (splitter, 1), on=self, margins=0, spacing=Space.SMALL)

    def show_draft(
        self, draft: Draft | None, plan: CleaningPlan | None, choices: Choices | None = None
    ) -> None:
        """Show the rows of ``draft`` with what ``plan`` does to them."""
        is_new = draft is not self._draft
        self._draft, self._plan, self._choices = draft, plan, choices or Choices()
        self.search.show_draft(draft)
        self._fill_filter(reset=is_new)
        self._list()

    def _fill_filter(self, *, reset: bool) -> None:
        chosen = _ALL if reset else self.filter.currentData()
        self.filter.clear()
        if self._draft is None or self._plan is None:
            return
        total, kept = len(self._draft), self._plan.kept_count
        self.title.setText(_("Your examples: {kept:,} of {total:,} used", kept=kept, total=total))
        self.filter.addItem(_("All rows ({count:,})", count=total), _ALL)
        self.filter.addItem(_("Used ({count:,})", count=kept), _USED)
        self.filter.addItem(_("Left out ({count:,})", count=total - kept), _LEFT_OUT)
        if flagged := len(self._flagged()):
            self.filter.addItem(_("Flagged by you ({count:,})", count=flagged), _FLAGGED)
        for kind, count in self._draft.summary.findings.items():
            title = INFO[kind].title
            named = title[:1].upper() + title[1:]
            text = _("{finding} ({count:,})", finding=named, count=count)
            self.filter.addItem(text, kind.value)
        self.filter.setCurrentIndex(max(0, self.filter.findData(chosen)))

    def _list(self) -> None:
        rows = self._wanted_rows()
        if self.search.rows is not None:
            rows = np.intersect1d(rows, self.search.rows, assume_unique=True)
        self.table.show_rows(self._draft, self._plan, rows, self._choices)
        if not self.table.rows.rowCount():
            self.text.setPlainText(self._why_empty())
            self.what.setText("")
            for button in (self.change, self.leave_out, self.take_back):
                button.setEnabled(False)

    def _why_empty(self) -> str:
        if self._draft is not None and self._draft.summary.speakers:
            return _("Your examples appear here once you have chosen a person.")
        if self._draft is not None and self.search.rows is not None:
            return _("These words stand in none of the rows.")
        return ""

    def _wanted_rows(self) -> NDArray[np.int64]:
        draft, plan, wanted = self._draft, self._plan, self.filter.currentData()
        if draft is None or plan is None or (draft.summary.speakers and not plan.kept_count):
            return np.zeros(0, dtype=np.int64)
        if wanted == _USED:
            return plan.kept
        if wanted == _LEFT_OUT:
            return np.flatnonzero(plan.reason != KEPT)
        if wanted == _FLAGGED:
            return np.array(self._flagged(), dtype=np.int64)
        if wanted == _ALL:
            return np.arange(len(draft), dtype=np.int64)
        return draft.rows_of(Kind(wanted))

    def _flagged(self) -> list[int]:
        reviewed = self._choices.reviewed.items()
        return sorted(row for row, verdict in reviewed if verdict is ReviewDecision.FLAG)

    def _show_row(self, row: int) -> None:
        if self._draft is None or self._plan is None:
            return
        item = self._draft.row(row)
        choice = self._choices.rows.get(row)
        is_bad = isinstance(item, BadRow)
        if not isinstance(item, BadRow):
            item = self._draft.repaired(item, int(self._plan.repairs[row]), choice)
        show_text(self.text, readable(item))
        self.what.setText(
            _(
                "Row {row:,} · {file}, line {line:,} · {what}",
                row=row + 1,
                file=item.source.file,
                line=item.source.line,
                what=fate(self._plan, row, self._choices),
            )
        )
        self.change.setEnabled(not is_bad)
        self.leave_out.setEnabled(not is_bad and choice is None)
        self.take_back.setEnabled(choice is not None)

    def _decide(self, action: RowAction | None) -> None:
        row = self.table.current_row()
        if row >= 0:
            self.row_decided.emit(row, action)

    def edit(self) -> None:
        """Let you change the texts of the current row."""
        row = self.table.current_row()
        item = self._draft.row(row) if self._draft is not None and row >= 0 else None
        draft, plan = self._draft, self._plan
        if draft is None or plan is None or not isinstance(item, Example) or not item.messages:
            return
        shown = draft.repaired(item, int(plan.repairs[row]), self._choices.rows.get(row))
        if len(shown.messages) != len(item.messages):
            shown = item  # turns were joined; your words are for the turns as they came
        self.editor = TurnEditor(shown, _("Row {row:,}", row=row + 1), self)
        self.editor.saved.connect(lambda texts: self.row_edited.emit(row, texts))
        self.editor.open()
