"""How much is set aside for testing, and what each part gets."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.language import _
from gui.kit.fields.number_field import NumberField
from gui.kit.flow import Flow
from gui.kit.labels import label


class SplitChoice(QWidget):
    """A share in percent.

    Attributes:
        changed: you chose another share.
    """

    changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.held_out = NumberField()
        self.held_out.setRange(5, 50)
        self.held_out.setSuffix(" %")
        self.held_out.setAccessibleName(_("Share of the examples set aside for testing"))
        self.held_out.valueChanged.connect(self.changed)
        self.text = label("", "muted")
        asked = label(_("Set aside for testing:"), wrap=False)
        self.setLayout(Flow(asked, self.held_out, self.text, stretch=self.text))

    def show_split(self, counts: Mapping[str, int], percent: int, *, frozen: bool) -> None:
        """Say about how many examples each part gets.

        Args:
            counts: expected examples of each part.
            frozen: an earlier version has a test part, whose questions stay in it.
        """
        if self.held_out.value() != percent:
            self.held_out.blockSignals(True)
            self.held_out.setValue(percent)
            self.held_out.blockSignals(False)
        said = _(
            "About {train:,} to learn from, {validation:,} to watch the training, {test:,} for the "
            "final test. Copies always stay in the same part.",
            train=counts["train"],
            validation=counts["validation"],
            test=counts["test"],
        )
        if not counts["test"]:
            said = _(
                "About {train:,} to learn from. The other {validation:,} are never learned: they "
                "show how well training goes, and are asked in the comparison. Copies always stay "
                "in the same part.",
                train=counts["train"],
                validation=counts["validation"],
            )
        stays = _("Examples that an earlier version set aside for testing stay set aside.")
        self.text.setText(f"{said} {stays}" if frozen else said)
