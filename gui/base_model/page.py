"""The base model: the sample, a model on this computer, or one from the hub; does it fit?"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from core.errors import UserFacingError
from core.jobs.spec import SampleModelParams
from core.language import _
from core.models.catalogue import SAMPLE_KEY, find_entry
from core.models.hub.access import access_of
from core.models.hub.connection import chosen_endpoint
from core.models.hub.download import DownloadResult
from core.models.hub.listing import Listing
from core.models.hub.local import LocalModel, find_local
from core.models.hub.store import kept_models
from core.models.inspection import ModelFacts, inspect_model
from core.models.sample import is_ready as sample_is_ready
from core.models.sample import sample_model_folder
from core.models.whereabouts import find_base, remember_base
from core.planning.environment import Environment, examine_machine
from core.wizard import Step
from gui.base_model.downloads import Downloads
from gui.base_model.get_model import GetModel
from gui.base_model.local_models import LocalModels
from gui.base_model.model_card import Candidate, ModelCard, from_catalogue, from_folder
from gui.base_model.model_list import ModelList
from gui.input.keyboard import bring_into_sight
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label
from gui.kit.look.sizes import READING
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.wizard.job_page import JobPage
from gui.wizard.session import Session

_GONE = ("hub.no_revision", "hub.file_gone")  # the version that was agreed to


class BaseModelPage(JobPage):
    """Chooses the base model; the sample model is made ready when it is used first."""

    step = Step.BASE_MODEL

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._tasks = Tasks(self)
        self._here: tuple[str, Path] = ("", Path())  # what the project calls its base, and where
        self.list = ModelList()
        self.list.changed.connect(self.changed)
        self.list.chosen_one.connect(self.corrected)
        self._job.completed.connect(lambda result: self._use(Path(result.base_model)))
        self._job.changed.connect(self.changed)
        self.add = QPushButton(f" {_('Use another model folder …')}")
        self.add.setIcon(icon("folder"))
        self.add.clicked.connect(self._browse)
        self.downloads = Downloads(self._tasks)
        self.downloads.completed.connect(self._downloaded)
        self.downloads.refused.connect(self._download_refused)
        self.downloads.failed.connect(self.failed)
        self.local = LocalModels()
        self.local.wanted.connect(self.use_folder)
        self.get = GetModel(self._tasks, self._is_begun)
        self.get.accepted.connect(lambda offer: self.downloads.start(offer.listing))
        self.get.named.connect(self.changed)
        self.list.wanted.connect(self.get.known.show_language)
        self.get.found.connect(lambda folder: self._inspect(folder, choose=True))
        self._hub = session.settings.hub_endpoint
        session.state_changed.connect(self._show_hub)
        needs = label(_("One that you have already, as it was downloaded."), "muted")
        row = Flow(self.add, needs, stretch=needs)
        content = vbox(
            self.progress,
            self.downloads,
            self.list,
            row,
            self.local,
            self.get,
            1,
            spacing=Space.MEDIUM,
        )
        scrolled(self, content, READING)

    def title(self) -> str:
        """Return the headline."""
        return _("Base model")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        return _("Choose the model to fine-tune. It stays as it is: training adds a small part.")

    def primary_text(self) -> str:
        """Name the model."""
        card = self.chosen()
        return _("Use {model}", model=card.candidate.name) if card else _("Use this model")

    def is_ready(self) -> bool:
        """A card must be chosen and no job be running."""
        return self.chosen() is not None and not self.is_busy()

    def hint(self) -> str:
        """Say what happens at the first use of the sample, or that the model will not fit."""
        card = self.chosen()
        if self.is_busy():
            return _("The model is being prepared. The next step opens automatically.")
        if named := self.get.name.text().strip():
            return _("“{model}” has to be fetched below first.", model=named)
        if card is None:
            return _("Choose a model.")
        if card.level == "wont_fit":
            return _("This will probably not fit. A smaller model is safer.")
        if card.candidate.packaged and not sample_is_ready() and not self.is_busy():
            return _("It is unpacked once, which takes about half a minute.")
        return ""

    def focus_first(self) -> bool:
        """The keyboard begins on the chosen model, if there is one."""
        return self.list.focus_chosen() or super().focus_first()

    @property
    def cards(self) -> list[ModelCard]:
        """The models that can be used now."""
        return self.list.cards

    def chosen(self) -> ModelCard | None:
        """Return the chosen card."""
        return self.list.chosen()

    def enter(self) -> None:
        """List the sample, your folders and downloads, and check how much memory is free."""
        if not self.cards:
            entry = find_entry(SAMPLE_KEY)
            if entry is not None:
                self._add_card(from_catalogue(entry, sample_model_folder()))
        for folder in self.session.settings.model_folders:
            self._inspect(Path(folder), choose=False)
        for kept in kept_models():
            self._inspect(kept.folder, choose=False, keep=False)
        version = self._version_folder()
        self._tasks.start(
            "surroundings",
            lambda: examine_machine(sample_model_folder(), version),
            self._show_surroundings,
            self.failed.emit,
        )
        self._look_around()
        self.downloads.look()
        self._look_for_base()
        self._restore_choice()

    def _look_around(self) -> None:
        """Find models of other programs, and cards whose folder is gone."""
        folders = [c.candidate.folder for c in self.cards if not c.candidate.packaged]
        self._tasks.start(
            "around",
            lambda: (find_local(), [folder for folder in folders if not folder.is_dir()]),
            lambda found: self._show_around(*found),
            self.failed.emit,
        )

    def _show_around(self, found: list[LocalModel], gone: list[Path]) -> None:
        self.list.drop(gone)
        self.local.models = found
        self.local.show_without(self.list.folders())

    def _show_hub(self) -> None:
        if self._hub != self.session.settings.hub_endpoint:
            self._hub = self.session.settings.hub_endpoint
            self.get.show_host()

    def _is_begun(self, repo: str) -> bool:
        row = self.downloads.row_of(repo)
        if row is not None:
            bring_into_sight(row)
            (row.pause if row.is_running() else row.resume).setFocus()
        return row is not None

    def _downloaded(self, result: DownloadResult) -> None:
        """A finished download is the choice at once, unless you are elsewhere by then."""
        self._inspect(Path(result.base_model), choose=self.isVisible())
        said = _("“{model}” is downloaded, and every file was verified.", model=result.repo)
        self.told.emit(said)

    def _download_refused(self, listing: Listing, error: UserFacingError) -> None:
        if error.code in _GONE:
            self.get.ask_for(listing.repo)
        elif access_of(error.code) is not None:
            self.get.show_way(listing.reference, chosen_endpoint(), error)

    def _look_for_base(self) -> None:
        """Find the base model that the project uses, even if the project was moved here."""
        project, wanted = self.session.project, self.session.state.base_model
        if project is not None and wanted:
            self._tasks.start(
                "base",
                lambda: find_base(project, wanted),
                lambda folder: self._found_base(wanted, folder),
                self.failed.emit,
            )

    def _found_base(self, wanted: str, folder: Path) -> None:
        self._here = (wanted, folder)
        if folder not in self.list.folders():
            self._inspect(folder, choose=self.chosen() is None)
        self._restore_choice()

    def _version_folder(self) -> Path | None:
        project, version = self.session.project, self.session.state.dataset_version
        return project.version_folder(version) if project and version else None

    def _restore_choice(self) -> None:
        if self.chosen() is None:
            wanted = self.session.state.base_model
            folder = self._here[1] if self._here[0] == wanted else Path(wanted)
            self.list.choose(folder, or_first=not wanted)

    def _show_surroundings(self, found: Environment) -> None:
        self.list.show_fit(found)
        self.get.known.show_fit(found)
        self.changed.emit()

    def _add_card(self, candidate: Candidate, *, choose: bool = False) -> None:
        self.list.add(candidate, choose=choose)
        self._restore_choice()
        self.local.show_without(self.list.folders())

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("Model folder"), str(Path.home()))
        if folder:
            self.use_folder(Path(folder))

    def use_folder(self, folder: Path) -> None:
        """Look into a folder and, if it holds a usable model, add and choose it."""
        self._inspect(folder, choose=True, keep=True)

    def _inspect(self, folder: Path, *, choose: bool, keep: bool = False) -> None:
        def found(facts: ModelFacts) -> None:
            self._add_card(from_folder(facts), choose=choose)
            if keep:  # a project that comes from elsewhere names no folder for other projects
                self._keep_folder(folder)

        def refused(error: UserFacingError) -> None:
            if choose:
                self.failed.emit(error)

        name = f"inspect {folder}"  # not shown: the task's name
        self._tasks.start(name, lambda: inspect_model(folder), found, refused)

    def _keep_folder(self, folder: Path) -> None:
        folders = self.session.settings.model_folders
        if str(folder) not in folders:
            self.session.change_settings(model_folders=(*folders, str(folder)))

    def apply(self) -> None:
        """Take the chosen model; make the sample first if it is not there yet."""
        card = self.chosen()
        if card is None:
            return
        if card.candidate.packaged and not sample_is_ready():
            self._make_sample()
            return
        self._use(card.candidate.folder)

    def _use(self, folder: Path) -> None:
        """Take the model; the one in use keeps the name that the project has for it."""
        known, here = self._here
        in_use = known == self.session.state.base_model and folder == here
        name = known if in_use else str(folder)
        self.session.give(base_model=name)
        self._remember(name, folder)
        self.finished.emit()

    def _remember(self, name: str, folder: Path) -> None:
        """Note what the model is, so that it is found again after the project is moved."""
        project = self.session.require_project()
        self._tasks.start(
            "remember",
            lambda: remember_base(project, name, inspect_model(folder).fingerprint),
            lambda _none: None,
            self.failed.emit,
        )

    def _make_sample(self) -> None:
        run = self.session.require_project().new_run("sample_model")
        self._job.run(run, _("Unpacking the sample model …"), SampleModelParams())

    def shut_down(self) -> None:
        """Let go of threads."""
        self.downloads.shut_down()
        self.get.shut_down()
        self._tasks.shut_down()
        self._job.let_go()
