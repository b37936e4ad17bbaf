"""What is open in the window: the project, the current step, and the preferences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from filelock import FileLock
from PySide6.QtCore import QObject, QTimer, Signal

from core import language
from core.errors import UserFacingError
from core.language import N_, _
from core.opening import Opening
from core.project import Project, RunFolder
from core.settings import Settings, load_settings, save_settings
from core.wizard import Step, WizardState, give, go_to, load_state, save_state

_SHOWN_MS = 1000  # this long after a project was opened, the window has drawn it and lives
READ_ONLY = N_("This project is open elsewhere. You can look, but not change anything.")


class Session(QObject):
    """The open project and its wizard state; every change is saved at once.

    Attributes:
        state_changed: the wizard state, the project or the preferences are not what they were.
        project_changed: another project was opened, or the project was closed.
        look_changed: colours, text size or language were changed in the preferences.
    """

    state_changed = Signal()
    project_changed = Signal()
    look_changed = Signal()

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings if settings is not None else load_settings()
        self.project: Project | None = None
        self.state = WizardState()
        self._owner: FileLock | None = None
        self._opening = Opening()
        self._restored: Step | None = None
        self._to_start = ""

    def is_restored(self, step: Step) -> bool:
        """Return whether ``step`` is shown only because the project was left there.

        Nothing may be started then: the project may come from elsewhere.
        """
        return self._restored is step

    def start_next(self, run: str) -> None:
        """Let the training page start this run, which you have just asked for."""
        self._to_start = run

    def take_start(self, run: str) -> bool:
        """Return whether this run is the one to be started; only once."""
        wanted, self._to_start = self._to_start, ""
        return bool(run) and wanted == run

    @property
    def read_only(self) -> bool:
        """Whether the open project has another owner: it may be looked at, nothing is saved."""
        return self.project is not None and self._owner is None

    def open_project(self, root: Path) -> None:
        """Open the project in ``root`` and take ownership of it, or only read if it has an owner.

        Raises:
            UserFacingError: no project there, or its folder may not be written to.
        """
        if self.project is not None and self.project.root == root:
            return
        self._opening.begin(root)
        try:
            project = Project.open(root)
            self._adopt(project, _owner_of(project))
        except UserFacingError:
            self._opening.end()
            raise
        QTimer.singleShot(_SHOWN_MS, self, self._opening.end)

    def take_over(self) -> bool:
        """Own the project that was only read, if its owner is gone; return whether it worked."""
        project = self.project
        if project is None or not self.read_only:
            return self.project is not None
        owner = _owner_of(project)
        if owner is None:
            return False
        self._adopt(project, owner)
        return True

    def create_project(self, root: Path, name: str = "") -> None:
        """Make a new project in ``root`` and open it.

        Raises:
            UserFacingError: the folder holds other files, or may not be written to.
        """
        project = Project.create(root, name)
        self._adopt(project, project.lock())
        self._restored = None

    def _adopt(self, project: Project, owner: FileLock | None) -> None:
        self._release()
        self.project, self._owner = project, owner
        self.state = load_state(project)
        self._restored, self._to_start = self.state.current, ""
        if not self.state.project_chosen:
            self.state = give(self.state, project_chosen=True)
        self.change_settings(recent=self.settings.with_recent(project.root).recent)
        self.project_changed.emit()
        self.state_changed.emit()

    def close(self) -> None:
        """Give the project back, so that another window may open it."""
        self._release()
        self._opening.end()
        self.project = None
        self.state = WizardState()

    def _release(self) -> None:
        if self._owner is not None:
            self._owner.release()
            self._owner = None

    def require_project(self) -> Project:
        """Return the open project.

        Raises:
            UserFacingError: none is open.
        """
        if self.project is None:
            raise UserFacingError(
                "project.none_open",
                _("No project is open."),
                _("Open or create one on the first page."),
            )
        return self.project

    def give(self, **values: Any) -> None:
        """Record results of a step (see :func:`core.wizard.give`) and save."""
        self._restored = None
        self._save(give(self.state, **values))

    def note_trained(self, run: str) -> None:
        """Let comparison and saving be about it, unless you are busy there with another one.

        A queue's other runs are compared only when you press the button.
        """
        state = self.state
        busy_there = state.finished_run and state.current in (Step.COMPARISON, Step.SAVING)
        if run == state.training_run and not state.training_done:
            self.give(training_done=True, finished_run=state.finished_run if busy_there else run)
        elif not state.finished_run:
            self.give(finished_run=run)

    def train_from_adapter(self, run: str, base_model: str, dataset_version: str) -> None:
        """Go to the settings of a run that continues from the finished ``run``.

        Args:
            base_model: what its adapter belongs to.
            dataset_version: its examples, taken where the project uses none now.
        """
        examples = self.state.dataset_version or dataset_version
        self.give(more_of=run, base_model=base_model, dataset_version=examples)
        self.go_to(Step.SETTINGS)

    def go_to(self, step: Step) -> None:
        """Make ``step`` the current page and save.

        Raises:
            UserFacingError: the step is still locked.
        """
        if step is not self._restored:
            self._restored = None
        self._save(go_to(self.state, step))

    def remember(self, page: str, values: dict[str, Any]) -> None:
        """Keep what a page wants to find again, by its step or a name; tells nobody."""
        pages = {**self.state.page, str(page): values}
        self._save(self.state.model_copy(update={"page": pages}), tell=False)

    def _save(self, state: WizardState, *, tell: bool = True) -> None:
        if state == self.state:
            return
        self.state = state
        if self.project is not None and not self.read_only:
            save_state(self.project, state)
        if tell:
            self.state_changed.emit()

    def change_settings(self, **values: Any) -> None:
        """Change preferences and save them."""
        changed = Settings.model_validate({**self.settings.model_dump(), **values})
        before = self.settings
        if changed == before:
            return
        save_settings(changed)
        self.settings = changed
        if changed.language != before.language:
            language.use(changed.language)
        self.state_changed.emit()
        if _look(changed) != _look(before):
            self.look_changed.emit()

    def training_run(self) -> RunFolder | None:
        """Return the folder of the run that was started last from the settings."""
        return self._run(self.state.training_run)

    def finished_run(self) -> RunFolder | None:
        """Return the folder of the finished run that comparison and saving are about."""
        return self._run(self.state.finished_run)

    def _run(self, name: str) -> RunFolder | None:
        if self.project is None or not name:
            return None
        return self.project.run(name) if self.project.has_run(name) else None


def _look(settings: Settings) -> tuple[str, float, str]:
    return settings.appearance, settings.text_scale, settings.language


def _owner_of(project: Project) -> FileLock | None:
    """Take the project's lock; ``None`` when another process holds it."""
    try:
        return project.lock()
    except UserFacingError as error:
        if error.code != "project.in_use":
            raise
        return None
