"""How much is held back from training, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from gui.widgets.flow import Flow
from gui.widgets.labels import label


class SplitChoice(QWidget):
    """A share in percent.

    Attributes:
        changed: the person chose another share.
    """

    changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.held_out = QSpinBox()
        self.held_out.setRange(5, 50)
        self.held_out.setSuffix(" %")
        self.held_out.setAccessibleName("Share of the examples that is held back")
        self.held_out.valueChanged.connect(self.changed)
        self.text = label("", "muted")
        asked = label("Held back to test what was learned:", wrap=False)
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
        train, validation, test = (f"{counts[part]:,}" for part in ("train", "validation", "test"))
        stays = " The test questions of your earlier version stay test questions." if frozen else ""
        self.text.setText(
            f"about {train} to learn from, {validation} to watch the training, {test} for the final"
            f" test; copies never end up on both sides.{stays}"
        )
