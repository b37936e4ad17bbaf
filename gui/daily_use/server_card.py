"""The local server: off until it is asked for, with its address and key while it is on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.language import _, in_a_row
from core.wording import gigabytes
from gui.daily_use.server_control import ServerControl
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, selectable, set_look
from gui.kit.theme import Space


def room_text(control: ServerControl) -> str:
    """Say what the model takes, before the server starts and while it is on."""
    if control.memory:
        return _("The model is loaded and takes {memory}.", memory=gigabytes(control.memory))
    if control.state == "on":
        return _("The model is loaded with the first question.")
    offer = control.offer
    return offer.need.badge.sentence if offer is not None and control.state != "ending" else ""


class ServerCard(QFrame):
    """Says what the server is, what it takes, and how programs reach it.

    Attributes:
        switched: the server is to start, or to end.
    """

    switched = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self._key = ""
        self.text = label("")
        self.room = label("", "muted")
        self.switch = QPushButton()
        self.switch.clicked.connect(self.switched)
        self.address = selectable(role="mono")
        self.names = label("", "muted")
        self.copy_address = QPushButton(_("Copy the address"))
        self.copy_address.clicked.connect(lambda: self._copy(self.address.text()))
        self.copy_key = QPushButton(_("Copy the key"))
        self.copy_key.clicked.connect(lambda: self._copy(self._key))
        self._way = QWidget()
        vbox(
            self.address,
            self.names,
            Flow(self.copy_address, self.copy_key),
            on=self._way,
            margins=0,
            spacing=Space.SMALL,
        )
        title = label(_("Local server"), "heading")
        vbox(
            Flow(title, self.switch, stretch=title),
            self.text,
            self._way,
            self.room,
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )

    def show_control(self, control: ServerControl, *, some: bool) -> None:
        """Show the server as it is now; ``some``: whether there is a fine-tune to ask."""
        serving = control.serving
        is_on = control.state in ("on", "ending")
        self.switch.setText(_("End the server") if is_on else _("Start the server"))
        self.switch.setEnabled(some and control.state in ("off", "on"))
        self.text.setText(self._said(control, some=some))
        self._way.setVisible(control.state == "on")
        if serving is not None:
            self._key = serving.token
            self.address.setText(serving.address)
            self.names.setText(_("Models: {names}", names=in_a_row(serving.offer.names)))
        room = room_text(control)
        self.room.setText(room)
        self.room.setVisible(bool(room))

    def _said(self, control: ServerControl, *, some: bool) -> str:
        if not some:
            return _("There is no fine-tune yet.")
        if control.state == "starting":
            return _("Starting …")
        if control.state == "ending":
            return _("Ending …")
        if control.state == "on":
            return _("Programs on this computer that know the key can ask your fine-tunes.")
        return _(
            "Lets other programs on this computer ask your fine-tunes, as they would ask OpenAI. "
            "It is off until you start it."
        )

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        announce(self, _("Copied"))
