"""The training mix: your tasks in proportion, general examples and earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QPushButton,
    QWidget,
)

from core.data.dataset import DatasetVersion
from core.data.mixture import MixtureOptions, general_examples
from core.language import _, ngettext
from gui.examples.task_shares import TaskShares
from gui.kit.boxes import vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.fields.number_field import NumberField
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look, stacked
from gui.kit.theme import Space
from gui.wizard.part_sheet import PartSheet

_GENERAL, _REHEARSED = 50, 100
_NONE = ""


class MixtureCard(QFrame):
    """Opens in a window of its own; unchanged, all of your own examples are used and no others.

    Attributes:
        changed: you want these ``MixtureOptions``.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self._shown = MixtureOptions()
        self.status = label("", "small")
        self.open = QPushButton(_("Change …"))
        self.open.setAccessibleName(_("Change the training mix"))
        self.open.setCheckable(True)
        self.open.toggled.connect(self._toggle)
        self.shares = TaskShares()
        self.shares.changed.connect(self._tell)
        most = len(general_examples())
        self.general = QCheckBox(_("Mix in general examples:"))
        self.general.toggled.connect(self._tell)
        self.general_count = _count(_("Number of general examples"), most, min(_GENERAL, most))
        self.general_count.valueChanged.connect(self._tell)
        self.earlier = Dropdown()
        self.earlier.setAccessibleName(_("Earlier version to rehearse"))
        self.earlier.activated.connect(lambda _: self._tell())
        self.rehearsed = _count(_("Number of rehearsed examples"), 100_000, _REHEARSED)
        self.rehearsed.valueChanged.connect(self._tell)
        self.panel = QWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        texts = stacked(label(_("Training mix"), "strong"), self.status)
        head = Flow(texts, self.open, stretch=texts)
        why = label(_("so the model keeps what it knows"), "muted")
        general = Flow(self.general, self.general_count, why, stretch=why)
        self._rehearsal = QWidget()
        asked = label(_("Rehearse an earlier version:"), wrap=False)
        stays = label(_("so the model does not forget it"), "muted")
        self._rehearsal.setLayout(Flow(asked, self.earlier, self.rehearsed, stays, stretch=stays))
        vbox(
            self.shares,
            general,
            self._rehearsal,
            1,
            on=self.panel,
            margins=0,
            spacing=Space.SMALL,
        )
        self._rehearsal.hide()
        self.panel.hide()
        vbox(head, on=self, margins=(Space.CARD, Space.MEDIUM))
        self.sheet = PartSheet(_("Training mix"), self.panel, self)
        self.sheet.went.connect(lambda: self.open.setChecked(False))

    def _toggle(self, shown: bool) -> None:
        self.panel.setVisible(shown)
        self.sheet.open_beside() if shown else self.sheet.hide()
        self.open.setText(_("Close") if shown else _("Change …"))

    def show_versions(self, versions: Sequence[DatasetVersion]) -> None:
        """Offer earlier versions to rehearse, the newest first."""
        self.earlier.clear()
        self.earlier.addItem(_("none"), _NONE)
        for version in reversed(versions):
            count = version.counts.get("train", 0)
            name = ngettext(
                "{count:,} example ({version})",
                "{count:,} examples ({version})",
                count,
                version=version.content_hash[:8],
            )
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
        added = _added_in_words(options)
        if not added:
            if options.shares:
                return _("Only your examples, in the proportions you set.")
            return _("Only your examples, all of them.")
        own = _("Your examples, all of them.")
        if options.shares:
            own = _("Your examples, in the proportions you set.")
        return " ".join((own, *added, _("Examples that resemble yours are not added.")))

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


def _added_in_words(options: MixtureOptions) -> list[str]:
    added: list[str] = []
    if options.general:
        added.append(
            ngettext(
                "Plus {count:,} general example.",
                "Plus {count:,} general examples.",
                options.general,
            )
        )
    if options.rehearse and options.rehearsed:
        added.append(
            ngettext(
                "Plus {count:,} example of an earlier version.",
                "Plus {count:,} examples of an earlier version.",
                options.rehearsed,
            )
        )
    return added


def _count(name: str, most: int, value: int) -> NumberField:
    made = NumberField()
    made.setRange(1, most)
    made.setValue(value)
    made.setAccessibleName(name)
    made.setKeyboardTracking(False)
    return made
