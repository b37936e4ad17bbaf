"""The values of a run: three that most people want, the others folded away, searchable."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from core.language import N_, _
from core.planning.advice import Advice
from core.planning.explanations import EXPLANATIONS
from gui.input.keyboard import bring_into_sight
from gui.kit.boxes import vbox
from gui.kit.icons import icon
from gui.kit.labels import label, set_look
from gui.kit.theme import Space
from gui.settings.setting_row import SettingRow

_GROUPS = (  # every value that is not always shown
    (N_("Adapter"), ("rank", "alpha", "dropout", "targets")),
    (
        N_("Steps"),
        ("effective_batch", "clip_norm", "warmup_fraction", "schedule", "weight_decay", "max_steps",
         "seed"),
    ),
    (
        N_("Checks and checkpoints"),
        ("validations_per_epoch", "patience_epochs", "sample_answers", "checkpoint_minutes"),
    ),
    (N_("Memory and speed"), ("micro_batch_tokens", "quantisation", "precision", "engine")),
)  # fmt: skip


class ValueEditor(QWidget):
    """All values; *Advanced* is closed until asked for.

    Attributes:
        edited: name and new value of what you changed.
    """

    edited = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = ""  # the value to go to
        self.rows = {name: SettingRow(about) for name, about in EXPLANATIONS.items()}
        for row in self.rows.values():
            row.edited.connect(self.edited)
        self.toggle = QPushButton(" " + _("Advanced"))
        self.toggle.setProperty("kind", "quiet")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._unfold)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search the advanced values"))
        self.search.setAccessibleName(_("Search the advanced values"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._go_to_first)
        self._nothing = label(_("No match. Try 'rank', 'batch' or 'epochs'."), "muted")
        self._nothing.hide()
        self._body = QWidget()
        self._lay_out()
        self._unfold(False)

    def _lay_out(self) -> None:
        common = [row for row in self.rows.values() if row.explanation.common]
        rare = [row for row in self.rows.values() if not row.explanation.common]
        self._groups = [_Group(_(title), [row for row in rare if row.field in fields])
                        for title, fields in _GROUPS]  # fmt: skip
        above = (self.search, self._nothing)
        vbox(*above, *self._groups, on=self._body, margins=0, spacing=Space.MEDIUM)
        vbox(
            _card(label(_("Main values"), "heading"), *common),
            _card(self.toggle, self._body),
            on=self,
            margins=0,
            spacing=Space.MEDIUM,
        )

    def _unfold(self, on: bool) -> None:
        self._body.setVisible(on)
        self.toggle.setIcon(icon("down" if on else "right"))
        self.toggle.setAccessibleName(
            _("Advanced values, shown") if on else _("Advanced values, hidden")
        )

    def _filter(self, words: str) -> None:
        rare = [row for row in self.rows.values() if not row.explanation.common]
        for row in rare:
            row.setVisible(row.matches(words))
        for group in self._groups:
            group.setVisible(any(row.matches(words) for row in group.rows))
        self._nothing.setVisible(not any(row.matches(words) for row in rare))

    def _go_to_first(self) -> None:
        """Enter in the search: edit the first value found."""
        found = [row for row in self.rows.values() if row.isVisible()]
        first = next((row for row in found if not row.explanation.common), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.TabFocusReason)
            bring_into_sight(first.editor)

    def reveal(self, name: str) -> None:
        """Unfold what is needed to see a value, and go there as soon as it is shown."""
        self._wanted = name
        if self.isVisible() and name in self.rows:
            row, self._wanted = self.rows[name], ""
            self.toggle.setChecked(self.toggle.isChecked() or not row.explanation.common)
            self.search.clear()
            row.editor.setFocus(Qt.FocusReason.TabFocusReason)
            bring_into_sight(row.editor)

    def showEvent(self, event: QShowEvent) -> None:
        """Go to the value that was asked for before."""
        super().showEvent(event)
        if self._wanted:
            QTimer.singleShot(0, self, lambda: self.reveal(self._wanted))

    def refuse(self, name: str, value: object) -> None:
        """Say beside the value that what was typed cannot be used; the old value stays."""
        self.rows[name].refuse(value)

    def show_values(
        self,
        values: Mapping[str, Any],
        usual: Mapping[str, Any],
        advice: Sequence[Advice],
        fixed: Collection[str] = (),
    ) -> None:
        """Show values, what is usual, the worst warning of each, and which cannot be changed."""
        worst = {item.field: item for item in reversed(advice)}
        for name, row in self.rows.items():
            row.show_value(values[name], usual[name], fixed=name in fixed)
            row.show_advice(worst.get(name))


class _Group(QWidget):
    """Values that belong together, under their title."""

    def __init__(self, title: str, rows: Sequence[SettingRow]) -> None:
        super().__init__()
        self.rows = rows
        vbox(label(title, "strong"), *rows, on=self, margins=0, spacing=Space.TINY)


def _card(*widgets: QWidget) -> QFrame:
    frame = QFrame()
    set_look(frame, card="true")
    vbox(*widgets, on=frame, margins=Space.CARD)
    return frame
