"""The rows of a finding one by one: before and after, and what you decide about one of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from core.data.cleaning import Choices, RowAction
from core.data.draft import Draft
from core.data.example import BadRow, Example
from core.data.findings.kinds import INFO, Action, Kind
from core.language import N_, _
from gui.examples.findings.edit_history import fix_label
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, text_pane
from gui.rows.difference import readable, show_difference

_PANE_HEIGHT = 150  # pixels at least
_LEFT_OUT = N_("(left out)")


def undecided_rows(rows: NDArray[np.int64], choices: Choices) -> int:
    """Return how many of the rows were not decided one by one."""
    return len(rows) - int(np.isin(rows, list(choices.rows)).sum())


class FindingRows(QWidget):
    """The rows of a finding one by one, before and after.

    Attributes:
        row_chosen: see :class:`FindingCard`.
        action_chosen: you want this ``Action`` for all rows of the kind.
        place: which of the rows is shown, from 0.
    """

    row_chosen = Signal(int, object)
    action_chosen = Signal(object)

    def __init__(self, kind: Kind, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._draft = draft
        self._rows = draft.rows_of(kind)
        self._choices = Choices()
        self.place = 0
        self.where = label("", "muted")
        self.before_title = label(_("Before"), "small")
        self.after_title = label(_("After"), "small")
        self.before = text_pane(_("Before"))
        self.after = text_pane(_("After"))
        self.previous = QPushButton(_("Previous"))
        self.next = QPushButton(_("Next"))
        self.keep = QPushButton(_("Keep this row as it is"))
        self.drop = QPushButton(_("Leave this row out"))
        self.undo = QPushButton(_("Undo for this row"))
        self.fix = QPushButton()
        self._count_fixed()
        self.fix.setProperty("kind", "primary")
        self.fix.clicked.connect(lambda: self.action_chosen.emit(INFO[kind].fix))
        self.previous.clicked.connect(lambda: self.go(self.place - 1))
        self.next.clicked.connect(lambda: self.go(self.place + 1))
        self.keep.clicked.connect(lambda: self._decide(RowAction.KEEP))
        self.drop.clicked.connect(lambda: self._decide(RowAction.DROP))
        self.undo.clicked.connect(lambda: self._decide(None))
        self._lay_out()

    def _lay_out(self) -> None:
        panes = QGridLayout()
        panes.setContentsMargins(0, 0, 0, 0)
        for column, (title, pane) in enumerate(
            ((self.before_title, self.before), (self.after_title, self.after))
        ):
            pane.setMinimumHeight(_PANE_HEIGHT)
            panes.addWidget(title, 0, column)
            panes.addWidget(pane, 1, column)
        steps, edits = (self.previous, self.next), (self.keep, self.drop, self.undo)
        buttons = Flow(*steps, self.where, *edits, self.fix, stretch=self.where)
        vbox((panes, 1), buttons, on=self, margins=0)

    def _count_fixed(self) -> int:
        """Name on the button how many rows it is about: those that were not decided one by one."""
        count = undecided_rows(self._rows, self._choices)
        fixed = _("{action} ({count:,})", action=fix_label(self._kind), count=count)
        self.fix.setText(fixed)
        finding = INFO[self._kind].title
        self.fix.setAccessibleName(_("{action}: {finding}", action=fixed, finding=finding))
        return count

    def go(self, place: int) -> None:
        """Show the row at ``place`` of the finding."""
        self.place = min(max(0, place), len(self._rows) - 1)
        row = int(self._rows[self.place])
        before, after = self._draft.before_after(row, self._kind)
        relative = self._draft.relative(row, self._kind)
        if relative >= 0:
            self.before_title.setText(_("This row (row {row:,})", row=row + 1))
            self.after_title.setText(_("The row it resembles (row {row:,})", row=relative + 1))
            second = readable(self._draft.row(relative))
        else:
            title, second = self._outcome(row, before, after)
            self.after_title.setText(title)
        show_difference(self.before, self.after, readable(before), second)
        source = before.source
        self.where.setText(
            _(
                "{place:,} of {count:,} · row {row:,} ({file}, line {line:,})",
                place=self.place + 1,
                count=len(self._rows),
                row=row + 1,
                file=source.file,
                line=source.line,
            )
        )
        self._update_buttons(row, readable_row=isinstance(before, Example))

    def _outcome(
        self, row: int, before: Example | BadRow, after: Example | None
    ) -> tuple[str, str]:
        """Return what becomes of a row now, or would with the button: a headline and the text."""
        fixed = _(_LEFT_OUT) if after is None else readable(after)
        chosen = self._choices.rows.get(row)
        if chosen is not None and chosen.action is RowAction.DROP:
            return _("Now: left out by you"), _(_LEFT_OUT)
        if chosen is not None and chosen.action is RowAction.KEEP:
            return _("Now: kept as it is by you"), readable(before)
        if chosen is not None and isinstance(before, Example):
            return _("Now: changed by you"), readable(self._draft.repaired(before, 0, chosen))
        if self._choices.action(self._kind) is Action.IGNORE:
            return _("After “{button}”", button=fix_label(self._kind)), fixed
        return _("After"), fixed

    def _update_buttons(self, row: int, *, readable_row: bool) -> None:
        chosen = self._choices.rows.get(row)
        self.previous.setEnabled(self.place > 0)
        self.next.setEnabled(self.place < len(self._rows) - 1)
        self.keep.setEnabled(readable_row and chosen is None)
        self.drop.setEnabled(readable_row and chosen is None)
        self.undo.setEnabled(chosen is not None)
        wanted = self._choices.action(self._kind) is Action.IGNORE
        is_left = self._count_fixed() > 0
        self.fix.setVisible(INFO[self._kind].is_optional and wanted and is_left)

    def show_choices(self, choices: Choices) -> None:
        """Take in what was decided about single rows."""
        self._choices = choices
        if self.isVisible():
            self.go(self.place)

    def _decide(self, action: RowAction | None) -> None:
        if self.drop.hasFocus():  # one more Return would leave out the next
            self.next.setFocus()
        self.row_chosen.emit(int(self._rows[self.place]), action)
