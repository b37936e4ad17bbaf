"""What the training is mixed from: own tasks in proportion, general and earlier examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.data.dataset import DatasetVersion
from core.data.mixture import MixtureOptions, general_examples
from gui.theme import Space
from gui.widgets.dropdown import Dropdown
from gui.widgets.flow import Flow
from gui.widgets.labels import label, set_look, stacked
from gui.widgets.task_shares import TaskShares
from gui.wording import plural

_GENERAL, _REHEARSED = 50, 100
_NONE = ""


class MixtureCard(QFrame):
    """Folded up; without a change only the person's own examples are used, all of them.

    Attributes:
        changed: the person wants these ``MixtureOptions``.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self._shown = MixtureOptions()
        self.status = label("", "muted")
        self.open = QPushButton("Change …")
        self.open.setAccessibleName("Change what the training is mixed from")
        self.open.setCheckable(True)
        self.open.toggled.connect(self._toggle)
        self.shares = TaskShares()
        self.shares.changed.connect(self._tell)
        most = len(general_examples())
        self.general = QCheckBox("Mix in general examples:")
        self.general.toggled.connect(self._tell)
        self.general_count = _count("Number of general examples", most, min(_GENERAL, most))
        self.general_count.valueChanged.connect(self._tell)
        self.earlier = Dropdown()
        self.earlier.setAccessibleName("Earlier version to rehearse")
        self.earlier.activated.connect(lambda _: self._tell())
        self.rehearsed = _count("Number of rehearsed examples", 100_000, _REHEARSED)
        self.rehearsed.valueChanged.connect(self._tell)
        self.panel = QWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        texts = stacked(label("What the training is mixed from", "heading"), self.status)
        head = Flow(texts, self.open, stretch=texts)
        why = label("so that the model keeps what it knows", "muted")
        general = Flow(self.general, self.general_count, why, stretch=why)
        self._rehearsal = QWidget()
        asked = label("Rehearse an earlier version:", wrap=False)
        stays = label("so that it stays known", "muted")
        self._rehearsal.setLayout(Flow(asked, self.earlier, self.rehearsed, stays, stretch=stays))
        inner = QVBoxLayout(self.panel)
        inner.setContentsMargins(0, Space.SMALL, 0, 0)
        inner.setSpacing(Space.SMALL)
        inner.addWidget(self.shares)
        inner.addLayout(general)
        inner.addWidget(self._rehearsal)
        self._rehearsal.hide()
        self.panel.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.MEDIUM, Space.MEDIUM, Space.MEDIUM, Space.MEDIUM)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(self.panel)

    def _toggle(self, shown: bool) -> None:
        self.panel.setVisible(shown)
        self.open.setText("Close" if shown else "Change …")

    def show_versions(self, versions: Sequence[DatasetVersion]) -> None:
        """Offer earlier versions to rehearse, the newest first."""
        self.earlier.clear()
        self.earlier.addItem("none", _NONE)
        for version in reversed(versions):
            count = version.counts.get("train", 0)
            name = f"{plural(count, 'example')} ({version.content_hash[:8]})"
            self.earlier.addItem(name, version.content_hash)
        self._rehearsal.setVisible(bool(versions))

    def show_mixture(self, options: MixtureOptions, available: Mapping[str, int]) -> None:
        """Show what is mixed.

        Args:
            available: how many examples of each task are kept.
        """
        self._shown = options
        widgets = (self.general, self.general_count, self.earlier, self.rehearsed)
        for widget in widgets:
            widget.blockSignals(True)
        self.general.setChecked(options.general > 0)
        if options.general:
            self.general_count.setValue(options.general)
        self.earlier.setCurrentIndex(max(0, self.earlier.findData(options.rehearse)))
        if options.rehearsed:
            self.rehearsed.setValue(options.rehearsed)
        for widget in widgets:
            widget.blockSignals(False)
        self.general_count.setEnabled(options.general > 0)
        self.rehearsed.setEnabled(bool(options.rehearse))
        self.shares.show_shares(available, options.shares)
        self.status.setText(self._in_words(options))

    def _in_words(self, options: MixtureOptions) -> str:
        parts = ["your examples in the proportions below" if options.shares else "your examples"]
        if options.general:
            parts.append(plural(options.general, "general example"))
        if options.rehearse and options.rehearsed:
            parts.append(f"{plural(options.rehearsed, 'example')} of an earlier version")
        if len(parts) == 1 and not options.shares:
            return "Only your examples, all of them."
        mixed = ", ".join(parts)
        return f"{mixed[0].upper()}{mixed[1:]}. What resembles an example of yours is not added."

    def _tell(self) -> None:
        version = self.earlier.currentData() or _NONE
        options = MixtureOptions(
            shares=self.shares.shares(),
            general=self.general_count.value() if self.general.isChecked() else 0,
            rehearse=version,
            rehearsed=self.rehearsed.value() if version else 0,
        )
        if options != self._shown:
            self.changed.emit(options)


def _count(name: str, most: int, value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(1, most)
    made.setValue(value)
    made.setAccessibleName(name)
    made.setKeyboardTracking(False)
    return made
