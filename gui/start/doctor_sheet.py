"""What this computer has, line by line, and a button or a line for what is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QLabel, QPushButton, QWidget

from core.doctor import examination
from core.doctor.check import Remedy, SelfCheck
from core.doctor.job import job_folder
from core.doctor.spec import DoctorParams, DoctorResult
from core.errors import UserFacingError
from core.events import Failed, Finished
from core.language import _
from gui.installation.dialog import EngineDialog
from gui.jobs.followed_job import FollowedJob
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.icons import pixmap
from gui.kit.labels import announce, label, selectable, set_look
from gui.kit.look.sizes import Space
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import application, colors
from gui.kit.window_place import fit_dialog

_WIDTH, _HEIGHT = 640, 560


class DoctorSheet(QDialog):
    """Glances when it opens; checks everything, also PyTorch, when asked.

    Attributes:
        cards: the findings that are shown.
    """

    def __init__(self, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("This computer"))
        self._tasks = Tasks(self)
        self._job = FollowedJob(self)
        self._job.ended.connect(self._ended)
        self._checks: Sequence[SelfCheck] = ()
        self.cards: list[FindingCard] = []
        self._lay_out(about)
        fit_dialog(self, _WIDTH, _HEIGHT)
        self._tasks.start("look", examination.glance, self._show, self._failed)

    def _lay_out(self, about: str) -> None:
        self.lines = vbox(spacing=Space.SMALL)
        self._waiting = label(_("Checking this computer …"), "muted")
        self.message = MessageBar(dismissable=False)
        page = QWidget()
        content = vbox(selectable(about), self.lines, self._waiting, 1, spacing=Space.MEDIUM)
        scrolled(page, content)
        self.all_button = QPushButton(_("Check everything"))
        self.all_button.clicked.connect(self.check_everything)
        self.copy = QPushButton(_("Copy for support"))
        self.copy.clicked.connect(self._copy)
        for button in (self.all_button, self.copy):
            button.setEnabled(False)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        vbox(
            label(_("This computer"), "title"),
            (page, 1),
            self.message,
            hbox((Flow(self.all_button, self.copy), 1), close, spacing=Space.SMALL),
            on=self, margins=Space.LARGE, spacing=Space.MEDIUM,
        )  # fmt: skip

    def check_everything(self) -> None:
        """Run every check in a process of its own: it loads PyTorch."""
        self.all_button.setEnabled(False)
        self.message.hide()
        self._waiting.setText(_("Loading PyTorch and trying the disk …"))
        self._waiting.show()
        self._job.follow(job_folder(), DoctorParams())

    def _ended(self, last: Finished | Failed) -> None:
        if isinstance(last, Finished) and isinstance(last.result, DoctorResult):
            self._show(last.result.checks)
        elif isinstance(last, Failed):
            self._failed(last.as_error())

    def _show(self, checks: Sequence[SelfCheck]) -> None:
        self._waiting.hide()
        self._checks = checks
        for old in self.cards:
            old.deleteLater()
        self.cards = [FindingCard(check) for check in checks]
        for card in self.cards:
            card.engine_wanted.clicked.connect(self._open_engine)
            self.lines.addWidget(card)
        for button in (self.all_button, self.copy):
            button.setEnabled(True)
        wrong = sum(not check.ok for check in checks)
        announce(self, _("All is well.") if not wrong else _("Something needs your attention."))

    def _failed(self, error: UserFacingError) -> None:
        self._waiting.hide()
        self.message.say_error(error)
        self.all_button.setEnabled(True)

    def _copy(self) -> None:
        """Put the findings on the clipboard, in English and without the user's name."""
        text = json.dumps(examination.report(list(self._checks)), indent=1, ensure_ascii=False)
        application().clipboard().setText(examination.without_home(text))
        announce(self, _("Copied"))
        self.message.say("good", _("Copied to the clipboard."))

    def _open_engine(self) -> EngineDialog:
        dialog = EngineDialog(self)
        dialog.changed.connect(self.check_everything)
        dialog.open()
        return dialog

    def done(self, result: int) -> None:
        """Wait for the look; a job that is still under way ends by itself."""
        self._job.let_go()
        self._tasks.shut_down()
        super().done(result)


class FindingCard(QFrame):
    """One finding: what was seen, what to do, and the button or the line that does it.

    Attributes:
        engine_wanted: the button that opens the dialog which installs PyTorch.
        copy: the button that copies the line.
    """

    def __init__(self, check: SelfCheck, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = check.line
        set_look(self, card="true" if check.ok else "warning")
        sign = QLabel()
        picture, tone = ("good", colors().good) if check.ok else ("warning", colors().warning)
        sign.setPixmap(pixmap(picture, tone, 18))
        texts = vbox(label(check.name, "strong"), selectable(check.seen), spacing=Space.TINY)
        if check.todo:
            texts.addWidget(selectable(check.todo, "muted"))
        self.copy = QPushButton(_("Copy the line"))
        self.copy.setAccessibleName(_("Copy the line: {line}", line=check.line))
        self.copy.clicked.connect(self._copy)
        self.engine_wanted = QPushButton(_("Install PyTorch …"))
        by_button = check.remedy is Remedy.ENGINE
        if check.line not in check.todo and not by_button:
            texts.addWidget(selectable(check.line, "mono"))
        (self.copy if by_button or not check.line else self.engine_wanted).hide()
        if check.line or by_button:  # never both: one of the two is hidden
            texts.addLayout(Flow(self.copy, self.engine_wanted))
        hbox(
            (sign, 0, Qt.AlignmentFlag.AlignTop), (texts, 1),
            on=self, margins=Space.CARD, spacing=Space.MEDIUM,
        )  # fmt: skip

    def _copy(self) -> None:
        application().clipboard().setText(self._line)
        announce(self, _("Copied"))
