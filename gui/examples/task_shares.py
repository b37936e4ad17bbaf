"""How large a share each task has in the run."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from core.data.mixture import usable_counts
from core.language import _, ngettext
from gui.kit.boxes import vbox
from gui.kit.fields.number_field import NumberField
from gui.kit.labels import label
from gui.kit.theme import Space

_MOST_TASKS = 30


class TaskShares(QWidget):
    """One row for each task; hidden when there is only one.

    Attributes:
        changed: you chose other shares.
        fields: the weight of each task; by default its share in percent.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._available: dict[str, int] = {}
        self._chosen = False
        self.fields: dict[str, NumberField] = {}
        self._uses: dict[str, QLabel] = {}
        self.reset = QPushButton(_("As they are"))
        self.reset.setAccessibleName(_("Use all examples of all tasks"))
        self.reset.clicked.connect(self._reset)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.MEDIUM)
        self._grid.setColumnStretch(2, 1)
        vbox(
            label(_("Your tasks and their weights. No example is used twice:"), "small"),
            self._grid,
            on=self,
            margins=0,
        )

    def show_shares(self, available: Mapping[str, int], shares: Mapping[str, float]) -> None:
        """Show the tasks, how many examples they have, and their shares (empty: all of all)."""
        if dict(available) != self._available:
            self._rebuild(dict(available))
        self._chosen = bool(shares)
        uses = usable_counts(available, shares) if shares else dict(available)
        total = sum(uses.values()) or 1
        for name, field in self.fields.items():
            part = uses[name] / total
            field.blockSignals(True)
            field.setValue(round(shares.get(name, 0) if shares else 100 * part))
            field.blockSignals(False)
            self._uses[name].setText(
                ngettext(
                    "{share:.0%} of the run: about {used:,} of {count:,} example",
                    "{share:.0%} of the run: about {used:,} of {count:,} examples",
                    available[name],
                    share=part,
                    used=uses[name],
                )
            )
        self.reset.setEnabled(self._chosen)
        self.setVisible(1 < len(available) <= _MOST_TASKS)

    def _rebuild(self, available: dict[str, int]) -> None:
        self._available = available
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None and widget is not self.reset:
                widget.deleteLater()
        self.fields, self._uses = {}, {}
        for row, name in enumerate(list(available)[:_MOST_TASKS]):
            field = NumberField()
            field.setRange(0, 100)
            field.setKeyboardTracking(False)
            without = _("Weight of examples without a task")
            field.setAccessibleName(_("Weight of {task}", task=name) if name else without)
            field.valueChanged.connect(self._edited)
            self.fields[name], self._uses[name] = field, label("", "muted")
            self._grid.addWidget(label(name or _("(no task)"), wrap=False), row, 0)
            self._grid.addWidget(field, row, 1)
            self._grid.addWidget(self._uses[name], row, 2)
        self._grid.addWidget(self.reset, len(self.fields), 0, 1, 2)

    def shares(self) -> dict[str, float]:
        """Return the chosen shares; empty where none were chosen."""
        if not self._chosen or not any(field.value() for field in self.fields.values()):
            return {}
        return {name: float(field.value()) for name, field in self.fields.items()}

    def _edited(self) -> None:
        self._chosen = True
        self.changed.emit()

    def _reset(self) -> None:
        self._chosen = False
        self.changed.emit()
