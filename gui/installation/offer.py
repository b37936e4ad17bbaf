"""Says above every page that PyTorch is missing, and opens the dialog that installs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from core.installation.plan import can_install, engine_state
from core.installed_engine import missing_engine
from core.language import _
from gui.kit.message_bar import MessageBar

if TYPE_CHECKING:
    from gui.installation.dialog import EngineDialog


class EngineOffer(MessageBar):
    """Hidden where there is a PyTorch to work with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, dismissable=False)
        self.dialog: EngineDialog | None = None

    def look(self) -> None:
        """Show the offer if it is needed; cheap."""
        if engine_state().is_there or not can_install():
            self.hide()
            return
        self.say(
            "neutral",
            missing_engine().what,
            _("Until then you can prepare examples. Training and chat need it."),
            actions=((_("Install PyTorch …"), self._open),),
        )

    def _open(self) -> None:
        self.open_dialog()

    def open_dialog(self) -> EngineDialog:
        """Open the dialog; look again when it has installed something."""
        from gui.installation.dialog import EngineDialog  # few ever need it

        self.dialog = EngineDialog(self.window())
        self.dialog.changed.connect(self.look)
        self.dialog.open()
        return self.dialog
