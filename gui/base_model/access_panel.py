"""The way to a model with terms: numbered steps, a place for the access token, another try."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from core.language import _
from core.models.hub.access import Step
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, set_look
from gui.kit.theme import Space


class AccessPanel(QFrame):
    """Hidden until a model is not open yet.

    Attributes:
        again: check again; carries the token that was pasted, ``""`` for none.
    """

    again = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="warning")
        self.what = label("", "heading")
        self.links: list[QPushButton] = []
        self._steps = vbox(spacing=Space.TINY)
        self.token = QLineEdit()
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText(_("Access token"))
        self.token.setAccessibleName(_("Access token"))
        self.check = QPushButton(_("Check again"))
        self.check.clicked.connect(self._check)
        self.token.returnPressed.connect(self._check)
        vbox(
            self.what,
            self._steps,
            Flow(self.token, self.check, stretch=self.token),
            on=self,
            margins=Space.CARD,
            spacing=Space.SMALL,
        )
        self.hide()

    def show_steps(self, what: str, steps: Sequence[Step], *, wants_token: bool) -> None:
        """Show what is missing and the way there."""
        while (item := self._steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.links = []
        self.what.setText(what)
        for number, step in enumerate(steps, 1):
            self._steps.addWidget(self._line(number, step))
        self.token.clear()
        self.token.setVisible(wants_token)
        self.show()
        announce(self, " ".join((what, *(step.text for step in steps))))

    def _line(self, number: int, step: Step) -> QWidget:
        line = QWidget()
        text = label(_("{number}. {step}", number=number, step=step.text))
        row = Flow(text, stretch=text)
        line.setLayout(row)
        if step.link:
            link = QPushButton(step.link)
            link.setProperty("kind", "link")
            link.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(step.link)))
            row.addWidget(link)
            self.links.append(link)
        return line

    def _check(self) -> None:
        self.again.emit(self.token.text().strip())
