"""What this computer has, line by line, and what can be done where something is missing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QLabel, QWidget

from core import doctor
from core.doctor import SelfCheck
from core.errors import UserFacingError
from core.language import _
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import pixmap
from gui.kit.labels import label, selectable, set_look
from gui.kit.look.sizes import Space
from gui.kit.scroll import scrolled
from gui.kit.theme import colors
from gui.kit.window_place import fit_dialog

_WIDTH, _HEIGHT = 620, 460


class DoctorSheet(QDialog):
    """Looks once when it opens."""

    def __init__(self, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("This computer"))
        self._tasks = Tasks(self)
        self.lines = vbox(spacing=Space.SMALL)
        self._waiting = label(_("Checking this computer …"), "muted")
        self.lines.addWidget(self._waiting)
        page = QWidget()
        content = vbox(selectable(about), self.lines, 1, spacing=Space.MEDIUM)
        scrolled(page, content)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        vbox(
            label(_("This computer"), "title"), (page, 1), close,
            on=self, margins=Space.LARGE, spacing=Space.MEDIUM,
        )  # fmt: skip
        fit_dialog(self, _WIDTH, _HEIGHT)
        self._tasks.start("look", doctor.glance, self._show, self._failed)

    def _show(self, checks: list[SelfCheck]) -> None:
        self._waiting.hide()
        for check in checks:
            self.lines.addWidget(_card(check))

    def _failed(self, error: UserFacingError) -> None:
        self._waiting.setText(error.what)

    def done(self, result: int) -> None:
        """Wait for the look."""
        self._tasks.shut_down()
        super().done(result)


def _card(check: SelfCheck) -> QFrame:
    frame, sign = QFrame(), QLabel()
    set_look(frame, card="true" if check.ok else "warning")
    picture, tone = ("good", colors().good) if check.ok else ("warning", colors().warning)
    sign.setPixmap(pixmap(picture, tone, 18))
    texts = vbox(label(check.name, "strong"), selectable(check.seen), spacing=Space.TINY)
    if check.todo:
        texts.addWidget(selectable(check.todo, "muted"))
    hbox(
        (sign, 0, Qt.AlignmentFlag.AlignTop), (texts, 1),
        on=frame, margins=Space.CARD, spacing=Space.MEDIUM,
    )  # fmt: skip
    return frame
