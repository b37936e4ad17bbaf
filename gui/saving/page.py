"""Saving: write the adapter, load it again in a fresh process, compare, and only then say saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QWidget,
)

from core.errors import UserFacingError
from core.export.proofs import was_proved
from core.export.saves.endings import ending, usual_place
from core.export.saves.forms import Choice, Weights
from core.export.saves.listing import SavedForm, saved_forms
from core.export.saves.rates import measured
from core.jobs.spec import DEFAULT_QUANT, ExportParams, ExportResult
from core.language import _
from core.project import RunFolder
from core.settings import default_projects_folder
from core.storage.names import folder_name, free_path
from core.training.result import best_adapter, read_facts
from core.wizard import Step
from gui.input.keyboard import bring_into_sight
from gui.jobs.task_thread import Tasks
from gui.saving.answers_dialog import AnswersDialog
from gui.saving.arranged_page import ArrangedSaving, proof_in_words
from gui.saving.other_programs import Action, OtherPrograms
from gui.saving.tiles import HERE, Tile
from gui.wizard.page import Place
from gui.wizard.session import Session


class SavingPage(ArrangedSaving):
    """Saves the fine-tune for the place that it will be used in, and shows what was saved."""

    step = Step.SAVING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._run_name = ""
        self._job.completed.connect(self._exported)
        self._job.changed.connect(self._job_changed)
        self.target.textChanged.connect(lambda _text: self.changed.emit())
        self.target.textEdited.connect(lambda _text: self.corrected.emit())
        self.target.returnPressed.connect(self.submitted)
        self.browse.clicked.connect(self._browse)
        self.others = OtherPrograms(self)
        self.others.begun.connect(lambda text: self.result.say("neutral", text))
        self.others.done.connect(self._taken)
        self.others.failed.connect(self._not_taken)
        self._tasks = Tasks(self)
        self._job.failed.connect(lambda _error: self._look())
        self._saved, self._saved_for = Path(), ""
        self._base = Path()
        self._asked: tuple[Tile, Choice] | None = None
        self._just_saved: tuple[Tile, Choice | None] | None = None
        self.saved.opened.connect(self._open_row)

    def title(self) -> str:
        """Return the headline."""
        return _("Saving")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        if self._run_name:
            return _("Save “{run}” to a folder and check it.", run=self.called(self._run_name))
        return _("Save your fine-tune to a folder and check it.")

    def primary_text(self) -> str:
        """Return the verb of this page."""
        choice = self.tiles.choice
        if choice is None or self._is_saved():
            return _("Try it in a chat")
        if choice.form == "adapter":
            return _("Save and check the adapter")
        return _("Save and check")

    def _is_saved(self) -> bool:
        """Return whether what is chosen has just been saved."""
        return self._just_saved == (self.tiles.tile, self.tiles.choice)

    def is_ready(self) -> bool:
        """A folder must be named and no job be running."""
        named = bool(self._run_name and (self.target.text().strip() or self.tiles.tile == HERE))
        return named and not self.is_busy()

    def hint(self) -> str:
        """Ask for the folder."""
        if not self._run_name:
            return _("The fine-tune's folder is gone. Choose another one in the library.")
        if self.is_busy() and self._job_about != self._run_name:
            return _("“{run}” is being saved right now.", run=self.called(self._job_about))
        named = self.target.text().strip() or self.tiles.tile == HERE
        return "" if named else _("Enter a folder.")

    def enter(self) -> None:
        """Suggest a folder and say which base model the adapter will need."""
        state, run = self.session.state, self.session.finished_run()
        name = run.name if run is not None else ""
        if run is not None:
            self._base = Path(_base_of(run) or state.base_model)
            self.tiles.tell(_weights_of(run, self._base), measured())
            needed = _("The adapter works only with “{model}”. Keep both.", model=self._base.name)
            self._needs.setText(needed)
        if name != self._run_name:
            self._run_name, self._just_saved = name, None
            self.result.hide()
            self.ending.hide()
            self._restore_choice()
            if state.exported_to and was_proved(Path(state.exported_to)):
                self._show_saved(Path(state.exported_to))
            elif state.exported_to:
                self._show_claimed(state.exported_to)
        self._look()
        self.changed.emit()

    def _restore_choice(self) -> None:
        """Show what was chosen, also when the page is made again while it is being saved."""
        kept = self.memory()
        self.tiles.restore(kept.get("tile"), kept.get("format"))
        folder = kept.get("folder") if self.is_busy() else None
        self.target.setText(str(folder or self._suggestion()))

    def leave(self) -> None:
        """Keep the choice."""
        self._keep_choice()

    def _keep_choice(self) -> None:
        choice = self.tiles.choice
        self.remember(
            tile=self.tiles.tile,
            format=choice.title if choice is not None else "",
            folder=self.target.text(),
        )

    def _look(self) -> None:
        """Read what has been saved of this fine-tune."""
        project, run = self.session.project, self._run_name
        if project is None or not run:
            self.saved.show_saved(())
            return
        self._tasks.start(
            "look", lambda: saved_forms(project, run), self.saved.show_saved, self.failed.emit
        )

    def _open_row(self, saved: SavedForm) -> None:
        AnswersDialog(saved, self).open()

    def _suggestion(self) -> Path:
        project = self.session.require_project()
        name = self.called(self._run_name)
        if not name.startswith(project.name):
            name = f"{project.name} {name}"
        folder = default_projects_folder() / "Saved"  # not shown: a folder's name, in any language
        return free_path(folder / folder_name(name))

    def _browse(self) -> None:
        current = Path(self.target.text())
        parent = QFileDialog.getExistingDirectory(self, _("Folder to save in"), str(current.parent))
        if parent:
            self.target.setText(str(Path(parent) / current.name))

    def apply(self) -> None:
        """Start the export, or go to the chat."""
        choice = self.tiles.choice
        if choice is None or self._is_saved():
            self.sent.emit(Place.CHAT, self._run_name)
            return
        target = Path(self.target.text().strip()).expanduser()
        if not target.is_absolute():
            raise UserFacingError(
                "saving.relative_path",
                _("“{folder}” is not a full path.", folder=str(target)),
                _("Choose the folder with Browse, or type its full path."),
            )
        project = self.session.require_project()
        params = ExportParams(
            run=self._run_name,
            to=str(target),
            form=choice.form,
            quant=choice.quant or DEFAULT_QUANT,
        )
        self.result.hide()
        self.ending.hide()
        self._asked, self._just_saved = (self.tiles.tile, choice), None
        self._keep_choice()
        self._job_about = self._run_name
        self._job.run(project.new_run("export"), _("Saving …"), params)

    def _job_changed(self) -> None:
        for widget in (self.target, self.browse, self.tiles):
            widget.setEnabled(not self._job.is_running())
        self.changed.emit()

    def _exported(self, result: ExportResult) -> None:
        folder = Path(result.folder)
        if self._job_about != self._run_name:
            name = self.called(self._job_about)
            self.told.emit(_("“{run}” is saved in “{folder}”.", run=name, folder=str(folder)))
            return
        self.session.give(exported_to=str(folder))
        self._just_saved = self.tiles.tile, self.tiles.choice
        self._show_ending(result)
        self._show_saved(folder, result)
        QTimer.singleShot(0, self, lambda: bring_into_sight(self.ending))
        self._look()
        self.target.setText(str(self._suggestion()))

    def _show_ending(self, result: ExportResult) -> None:
        """Say what to do now in the place that it was saved for."""
        usual = Choice(result.form, result.quant)
        tile, choice = self._asked or (usual_place(result.form), usual)
        if tile == HERE or choice.form != result.form:
            tile, choice = usual_place(result.form), usual
        self._saved_for = tile
        self.ending.show_ending(ending(tile, choice, Path(result.folder), self._base))

    def _show_claimed(self, folder: str) -> None:
        """A project that comes from elsewhere may name any folder: claim and open nothing."""
        self.result.say(
            "neutral",
            _("This project says that an adapter was saved in “{folder}”.", folder=folder),
            _("That folder has not been checked on this computer. To be sure, save again."),
        )

    def _show_saved(self, folder: Path, result: ExportResult | None = None) -> None:
        self._saved = folder
        self.result.say(
            "good",
            _("Saved in “{folder}”.", folder=str(folder)),
            proof_in_words(result),
            actions=self._actions(),
        )

    def _actions(self) -> tuple[Action, ...]:
        folder = self._saved
        others = self.others.actions(folder, folder.name, self._saved_for)
        chat = (_("Try it in a chat"), lambda: self.sent.emit(Place.CHAT, self._run_name))
        return (chat, *others, (_("Open the folder"), lambda: _open(folder)))

    def _taken(self, text: str) -> None:
        saved = _("Saved in “{folder}”.", folder=str(self._saved))
        self.result.say("good", text, saved, actions=self._actions())

    def _not_taken(self, error: UserFacingError) -> None:
        self._show_saved(self._saved)
        self.failed.emit(error)

    def shut_down(self) -> None:
        """Let go of the job, which continues."""
        self._job.let_go()
        self._tasks.shut_down()
        self.others.shut_down()


def _base_of(run: RunFolder) -> str:
    """Return the base model that the adapter was trained on; the settings may name another now."""
    try:
        return read_facts(run).base_model
    except UserFacingError:
        return ""


def _weights_of(run: RunFolder, base: Path) -> Weights | None:
    """Return the sizes of the base and of the adapter, as far as they are known."""
    try:
        return Weights.of(base, best_adapter(run))
    except UserFacingError:
        return Weights.of(base)


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
