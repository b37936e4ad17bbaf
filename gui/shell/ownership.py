"""The bar that says that a project can only be looked at, and offers to try again."""

from __future__ import annotations

from PySide6.QtCore import Signal

from core.language import N_, _
from gui.kit.message_bar import MessageBar
from gui.wizard.session import READ_ONLY

_OWNER_TODO = N_(
    "Close the other window, or wait until the command in the terminal has finished. Until then, "
    "you can watch a run here."
)


class Ownership(MessageBar):
    """Shown while another window or a command owns the project.

    Attributes:
        asked_again: perhaps it was let go meanwhile.
    """

    asked_again = Signal()

    def __init__(self) -> None:
        super().__init__(dismissable=False)

    def show_state(self, *, read_only: bool) -> None:
        """Appear or go away."""
        if read_only and self.isHidden():
            again = ((_("Check again"), self.asked_again.emit),)
            self.say("warning", _(READ_ONLY), _(_OWNER_TODO), actions=again)
        elif not read_only:
            self.hide()
