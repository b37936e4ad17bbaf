"""Looking for a new version, reading what changed, downloading it, and the way back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from core import __version__
from core.actions.updates import fetching, look_for_update, require_no_run
from core.events import Failed, Finished
from core.installation.kind import Kind, kind_of_installation
from core.installation.spec import DIED
from core.installation.updates.feed import Release
from core.installation.updates.looking import Offered
from core.installation.updates.own import age_in_words, own_release
from core.installation.updates.packages import Package, how_to_install, job_folder, way_back
from core.installation.updates.spec import UpdateResult
from core.language import _
from core.wording import gigabytes
from gui.installation.fetching import FetchingDialog
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, selectable
from gui.kit.look.sizes import Space
from gui.kit.theme import application
from gui.kit.window_place import fit_dialog

_SIZE_WANTED = (620, 420)
_BULLET = "• {text}"  # not shown as a sentence: a list's sign


class UpdateDialog(FetchingDialog):
    """Nothing connects before *Look now* is pressed; the download outlives the dialog.

    Attributes:
        weekly_switched: whether to look once a week from now on.
        newest: the version that can be downloaded; ``None`` while none is known.
        ready: the package that lies ready.
    """

    weekly_switched = Signal(bool)

    def __init__(self, *, weekly: bool, parent: QWidget | None = None) -> None:
        super().__init__(_("New versions"), job_folder(), parent)
        self.newest: Release | None = None
        self.ready: Package | None = None
        self._make(weekly=weekly)
        self._lay_out()
        fit_dialog(self, *_SIZE_WANTED)
        self.look_button.setFocus()
        if self._is_alive():
            self._follow(None)

    def _make(self, *, weekly: bool) -> None:
        self.state = label(_own_words(), "heading")
        self.changes = selectable("")
        self.line = selectable("", "mono")
        self.look_button = QPushButton(_("Look now"))
        self.look_button.setDefault(True)
        self.look_button.clicked.connect(self.look)
        self.fetch = QPushButton(f" {_('Download')}")
        self.fetch.setIcon(icon("save"))
        self.fetch.clicked.connect(self._begin)
        self.open_button = QPushButton()
        self.open_button.clicked.connect(self._open)
        self.back = QPushButton()
        self.back.clicked.connect(self._go_back)
        self.weekly = QCheckBox(_("Look once a week"))
        self.weekly.setChecked(weekly)
        self.weekly.toggled.connect(self.weekly_switched)

    def _lay_out(self) -> None:
        what = _(
            "Looking fetches one list, the same for everybody, and sends nothing about you or this "
            "computer. It never happens during a run."
        )
        content = vbox(
            self.state, label(what, "muted"), self.changes, self.line, self.bar, self.note, 1,
            spacing=Space.MEDIUM,
        )  # fmt: skip
        buttons = Flow(self.look_button, self.fetch, self.pause, self.open_button, self.back)
        self._stack(content, self.weekly, buttons)

    def look(self) -> None:
        """Ask for newer versions."""
        self.message.hide()
        self.look_button.setEnabled(False)
        self.note.setText(_("Looking …"))
        self.note.show()
        self._tasks.start("look", look_for_update, self.show_offer, self._refused)

    def show_offer(self, offered: Offered) -> None:
        """Show what a look has found."""
        self.newest = offered.newest
        if self.newest is None:
            text = _("This is the newest version ({version}).", version=__version__)
            self.message.say("good", text)
        else:
            text = _("Version {version} is available.", version=self.newest.version)
            self.state.setText(text)
            self.changes.setText("\n\n".join(_changes(one) for one in offered.releases))
        self._show_state()

    def _begin(self) -> None:
        if self.newest is None or self._job.is_running():
            return
        release = self.newest
        self.fetch.setEnabled(False)
        self._tasks.start("fetch", lambda: fetching(release), self._follow, self._refused)

    def _ended(self, last: Finished | Failed) -> None:
        if isinstance(last, Failed):
            again = _("Press Download to continue where it was.")
            self.message.say_error(last.as_error(again if last.code in DIED else ""))
        elif isinstance(last.result, UpdateResult):
            self._take_result(last.result)
        self._show_state()

    def _take_result(self, result: UpdateResult) -> None:
        if result.path:
            self._offer_package(Package(result.version, Path(result.path)), back=False)
        else:
            kept = _("{size} of an unfinished download are kept.", size=gigabytes(result.kept))
            self.message.say("neutral", kept)

    def _offer_package(self, package: Package, *, back: bool) -> None:
        self.ready = package
        self.line.setText(how_to_install(package, kind_of_installation(), back=back))
        self.message.say("good", _("Version {version} lies ready.", version=package.version))
        self._show_state()

    def _open(self) -> None:
        """Copy the line where one is typed, else open the package; never during a run."""
        if self.ready is None:
            return
        if kind_of_installation() is Kind.DEBIAN:
            application().clipboard().setText(self.line.text())
            self.message.say("good", _("Copied to the clipboard."))
            return
        self._tasks.start("open", require_no_run, self._open_package, self._refused)

    def _open_package(self, _none: None) -> None:
        if self.ready is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.ready.path)))

    def _go_back(self) -> None:
        if (package := way_back(__version__)) is not None:
            self._offer_package(package, back=True)

    def _show_state(self) -> None:
        super()._show_state()
        running, before = self._job.is_running(), way_back(__version__)
        self.note.setVisible(running)
        self.look_button.setVisible(not running)
        self.look_button.setEnabled(True)
        self.fetch.setVisible(not running and self.newest is not None and self.ready is None)
        self.fetch.setEnabled(True)
        self.line.setVisible(bool(self.line.text()))
        self.changes.setVisible(bool(self.changes.text()))
        self.open_button.setVisible(self.ready is not None)
        is_line = kind_of_installation() is Kind.DEBIAN
        self.open_button.setText(_("Copy the line") if is_line else _("Open the package"))
        self.back.setVisible(not running and before is not None and self.ready is None)
        if before is not None:
            self.back.setText(_("Go back to version {version}", version=before.version))


def _own_words() -> str:
    version = _("Version {version}", version=__version__)
    age = age_in_words(own_release(), date.today())
    return _("{version}. {age}", version=version, age=age) if age else version


def _changes(release: Release) -> str:
    head = _("Version {version}", version=release.version)
    return "\n".join([head, *(_BULLET.format(text=text) for text in release.changes)])
