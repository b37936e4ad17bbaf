"""What is loaded, what it takes, and how it is let go again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.language import N_, _
from core.wording import gigabytes
from gui.chat.holder import ModelHolder
from gui.jobs.phase_bar import PhaseBar
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label
from gui.kit.theme import Space

_PHASES = {
    "room": N_("Looking for free memory …"),
    "libraries": N_("Starting …"),
    "weights": N_("Loading the model …"),
}


class ModelBar(QWidget):
    """One quiet line; while something is loaded, with its phase and a bar.

    Attributes:
        unload_asked: the memory is wanted back.
    """

    unload_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = label("", "small")
        self.unload = QPushButton(_("Unload"))
        self.unload.setProperty("kind", "link")
        self.unload.clicked.connect(self.unload_asked)
        self._bar = PhaseBar()
        self._bar.passed.connect(self._say_passed)
        self.passed = label("", "muted")
        line = Flow(self.text, self.unload, stretch=self.text)
        vbox(line, self._bar, self.passed, on=self, margins=0, spacing=Space.TINY)
        self._bar.hide()
        self.passed.hide()

    def show_holder(self, holder: ModelHolder, *, kept: bool) -> None:
        """Say what is loaded now, and whether the conversation is kept."""
        loading = holder.state == "loading"
        self._bar.setVisible(loading)
        self.unload.setVisible(holder.state != "off")
        self.unload.setText(_("Cancel") if loading else _("Unload"))
        if loading:
            self.text.setText(_(_PHASES.get(holder.phase, _PHASES["weights"])))
            self._bar.begin(holder.phase)
            return
        self._bar.end()
        self.passed.hide()
        if holder.state == "ready":
            self.text.setText(
                _(
                    "“{model}” is loaded and takes {memory}.",
                    model=holder.base.name,
                    memory=gigabytes(holder.memory),
                )
            )
        elif not kept:
            self.text.setText(
                _("Your first question loads the model. This conversation is not kept.")
            )
        else:
            self.text.setText(_("Your first question loads the model."))

    def _say_passed(self, passed: str) -> None:
        self.passed.setText(passed)
        self.passed.setVisible(bool(passed))
