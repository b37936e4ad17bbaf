"""Install PyTorch: what suits this computer, what it takes, then the progress and how it ended."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from core.errors import UserFacingError
from core.events import Failed, Finished
from core.installation.plan import EnginePlan, engine_state, plan_engine
from core.installation.spec import DIED, EngineParams, EngineResult
from core.installation.variant import Variant, name_of
from core.installation.versions import go_back, job_folder
from core.installed_engine import use_engine
from core.jobs.link import Request
from core.language import _
from core.settings import load_settings
from core.wording import gigabytes
from gui.installation.fetching import FetchingDialog
from gui.kit.boxes import vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, selectable
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE_WANTED = (680, 560)


class EngineDialog(FetchingDialog):
    """Nothing connects before *Install* is pressed; the job outlives the dialog and the window.

    Attributes:
        changed: another PyTorch is in use now.
        plan: what would be installed; ``None`` while it is looked at.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Install PyTorch"), job_folder(), parent)
        self.plan: EnginePlan | None = None
        self._make_choices()
        self._make_buttons()
        self._lay_out()
        fit_dialog(self, *_SIZE_WANTED)
        if self._is_alive():
            self._follow(None)
        else:
            self.look()

    def _make_choices(self) -> None:
        self.lines = selectable(_("Checking the graphics card …"))
        self.variant = Dropdown()
        self.variant.setAccessibleName(_("Build of PyTorch"))
        self.variant.activated.connect(self.look)
        self.source = QLineEdit()
        self.source.setAccessibleName(_("Source"))
        self.source.setPlaceholderText(_("From the internet, or a folder with the wheels"))
        self.source.editingFinished.connect(self._source_edited)
        self.browse = QPushButton(_("Choose folder …"))
        self.browse.clicked.connect(self._browse)
        self._asked_source = ""

    def _make_buttons(self) -> None:
        self.outlives = label(_("The download continues when you close the window."), "muted")
        self.install = QPushButton(f" {_('Install')}")
        self.install.setIcon(icon("save"))
        self.install.setDefault(True)
        self.install.clicked.connect(self.begin)
        self.cancel = self._request(_("Cancel the download"), Request.CANCEL)
        self.back = QPushButton()
        self.back.clicked.connect(self._go_back)

    def _lay_out(self) -> None:
        what = _(
            "PyTorch does the computing. The build that suits your graphics card is downloaded "
            "once. Nothing connects before you press Install."
        )
        content = vbox(
            label(_("Install PyTorch"), "heading"),
            label(what, "muted"),
            self.lines,
            self.variant,
            Flow(self.source, self.browse, stretch=self.source),
            self.bar,
            self.note,
            self.outlives,
            1,
            spacing=Space.MEDIUM,
        )
        self._stack(content, Flow(self.install, self.pause, self.cancel, self.back))

    def look(self) -> None:
        """Look at the cards, the disk and the source; nothing connects."""
        wanted = self.variant.currentData()
        variant = Variant(wanted) if wanted else None
        source = self._asked_source = self.source.text().strip()
        self.plan = None
        self.message.hide()
        self._show_state()
        self._tasks.start(
            "look", lambda: plan_engine(variant, source), self._show_plan, self._refused
        )

    def _source_edited(self) -> None:
        if self.source.text().strip() != self._asked_source and not self._job.is_running():
            self.look()

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("Folder with the wheels"))
        if folder:
            self.source.setText(folder)
            self.look()

    def _show_plan(self, plan: EnginePlan) -> None:
        self.plan = plan
        self.lines.setText("\n".join(plan.lines()))
        if not self.variant.count():
            for variant in (plan.choice.variant, *plan.choice.others):
                self.variant.addItem(name_of(variant), variant.value)
        if not plan.fits:
            self.message.say("warning", _("The disk has too little room. Free some space first."))
        self._show_state()

    def _refused(self, error: UserFacingError) -> None:
        self.lines.setText("")
        super()._refused(error)

    def begin(self) -> None:
        """Install, or continue with what is on the disk."""
        if self.plan is None or self._job.is_running():
            return
        proxy = load_settings().hub_proxy
        self.note.setText(_("Connecting …"))
        self._follow(EngineParams(lock=self.plan.lock, source=self._asked_source, proxy=proxy))

    def _ended(self, last: Finished | Failed) -> None:
        self.note.setText("")
        if isinstance(last, Failed):
            again = _("Press Resume to continue where it was.")
            self.message.say_error(last.as_error(again if last.code in DIED else ""))
        elif isinstance(last.result, EngineResult) and last.result.version:
            use_engine()
            self.message.say("good", _("PyTorch works: {seen}", seen=last.result.seen))
            self.changed.emit()
        self._replan()

    def _replan(self) -> None:
        """What is still missing changes with what was kept; the message stays."""
        wanted = self.variant.currentData()
        variant, source = Variant(wanted) if wanted else None, self._asked_source
        self._show_state()
        self._tasks.start(
            "look", lambda: plan_engine(variant, source), self._show_plan, lambda _error: None
        )

    def _go_back(self) -> None:
        try:
            record = go_back()
        except UserFacingError as error:
            self.message.say_error(error)
            return
        self.message.say("good", _("PyTorch {version} is in use again.", version=record.torch))
        self.changed.emit()
        self._show_state()

    def _show_state(self) -> None:
        super()._show_state()
        running = self._job.is_running()
        state = engine_state()
        self.outlives.setVisible(running)
        self.note.setVisible(running or bool(state.kept))
        if not running and state.kept:
            kept = _("{size} of an unfinished download are kept.", size=gigabytes(state.kept))
            self.note.setText(kept)
        choices: tuple[QWidget, ...] = (self.variant, self.source, self.browse)
        for choice in choices:
            choice.setEnabled(not running)
        self.install.setVisible(not running)
        self.install.setEnabled(self.plan is not None and self.plan.fits)
        self.install.setText(f" {_('Resume')}" if state.kept else f" {_('Install')}")
        self.back.setVisible(not running and state.before is not None)
        if state.before is not None:
            self.back.setText(_("Go back to version {version}", version=state.before.torch))
