"""The one question when the window is closed during a run."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QWidget

from core.errors import UserFacingError
from core.hardware.system.logout import ends_at_logout
from core.language import N_, _
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.labels import label, selectable
from gui.kit.theme import Space
from gui.wizard.session import Session

_WIDTH = 480
_NOTHING_LOST = N_("Nothing is lost either way. Open Homelab Tuner again to see the whole curve.")
_IN_TRAY = N_(
    "If you keep training, an icon stays in the system tray. It shows the progress and tells you "
    "when the run finishes, pauses or fails. A queue continues too."
)
_NO_TRAY = N_(
    "If you keep training, a queue continues too. This desktop has no system tray, but a "
    "notification tells you when the run finishes, waits or fails. To see the progress, open "
    "Homelab Tuner again."
)
_LOG_OUT = N_(
    "Logging out of the computer interrupts the run, but you can resume it. To keep it running, "
    "run the command “loginctl enable-linger” once."
)


class ClosingChoice(StrEnum):
    """What happens to the run."""

    GO_ON = "go_on"
    PAUSE = "pause"
    STAY = "stay"


class ClosingDialog(QDialog):
    """Asks; ``choice`` is the answer (``STAY`` unless a button was pressed)."""

    def __init__(self, parent: QWidget | None = None, *, in_tray: bool = False) -> None:
        super().__init__(parent)
        self.choice = ClosingChoice.STAY
        self.setWindowTitle(_("A run is in progress"))
        self.setMinimumWidth(_WIDTH)
        self.log_out = selectable(_(_LOG_OUT), "muted")
        self.log_out.hide()  # until it is known to be so
        self._tasks = Tasks(self)
        self.again = QCheckBox(_("Remember this choice and do not ask again"))
        layout = vbox(
            label(_("Keep training in the background?"), "heading"),
            label(_(_NOTHING_LOST)),
            label(_(_IN_TRAY if in_tray else _NO_TRAY), "muted"),
            self.log_out,
            self.again,
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        self._box = self._buttons()
        layout.addWidget(self._box)

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        for text, choice, kind in (
            (_("Keep training"), ClosingChoice.GO_ON, role.AcceptRole),
            (_("Pause"), ClosingChoice.PAUSE, role.AcceptRole),
            (_("Keep the window open"), ClosingChoice.STAY, role.RejectRole),
        ):
            button = box.addButton(text, kind)
            button.clicked.connect(lambda _=False, choice=choice: self._choose(choice))
            if choice is ClosingChoice.GO_ON:
                button.setProperty("kind", "primary")
                button.setDefault(True)
        return box

    def showEvent(self, event: QShowEvent) -> None:
        """Ask the system what a log-out means, without waiting for it."""
        super().showEvent(event)
        self._fit()
        self._tasks.start("log-out", ends_at_logout, self._tell_of_log_out, _nothing_is_known)

    def _tell_of_log_out(self, ends: bool) -> None:
        self.log_out.setVisible(ends)
        self._fit()

    def _fit(self) -> None:
        """Be as wide as the buttons and as high as the texts, however long the language is."""
        layout = self.layout()
        if layout is not None:
            margins = layout.contentsMargins()
            buttons = self._box.sizeHint().width() + margins.left() + margins.right()
            width = max(_WIDTH, buttons)
            self.setMinimumSize(width, layout.totalHeightForWidth(width))
            self.resize(self.minimumSize())

    def done(self, result: int) -> None:
        """Stop asking."""
        self._tasks.shut_down()
        super().done(result)

    def _choose(self, choice: ClosingChoice) -> None:
        self.choice = choice
        self.done(0)

    @classmethod
    def ask(cls, session: Session, parent: QWidget, *, in_tray: bool = False) -> ClosingChoice:
        """Return the remembered answer, or ask for it."""
        if session.settings.when_closing != "ask":
            return ClosingChoice(session.settings.when_closing)
        dialog = cls(parent, in_tray=in_tray)
        dialog.exec()
        if dialog.again.isChecked() and dialog.choice is not ClosingChoice.STAY:
            session.change_settings(when_closing=dialog.choice.value)
        return dialog.choice


def _nothing_is_known(_error: UserFacingError) -> None:
    """Then nothing is said."""
