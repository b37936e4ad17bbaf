"""The first page: try the sample project, make a new one, or open one of the last."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QPushButton, QWidget

from core.errors import UserFacingError
from core.language import N_, _
from core.library.overview import Overview, read_overview
from core.project import Project
from core.sample_project import open_sample, sample_folder
from core.settings import default_projects_folder
from core.storage.names import folder_name
from core.wizard import Step, where_left
from gui.input.keyboard import bring_into_sight
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, vbox
from gui.kit.cards.tile_grid import TileGrid
from gui.kit.flow import Flow
from gui.kit.labels import label, letters, set_look
from gui.kit.look.sizes import READING, Space
from gui.kit.scroll import scrolled
from gui.start.hardware_chip import Hardware, HardwareChip, look_at_hardware
from gui.start.tiles import ActionTile, ProjectTile
from gui.wizard.page import NewProject, Page
from gui.wizard.session import Session

_LISTED = 9
_TILE_LETTERS = 29


class StartPage(Page):
    """Two things to do at once, and the projects; the primary button continues the newest."""

    step = Step.START

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._tasks = Tasks(self)
        self._chosen_parent = default_projects_folder()
        self._files: tuple[Path, ...] = ()
        self.sample = ActionTile(
            _("Try the sample project"),
            _(
                "See every step in about ten minutes. A small model learns to sum up pieces of "
                "program code in one sentence. Everything is included, and you need not know code."
            ),
            "sample",
        )
        self.sample.clicked.connect(self.open_sample)
        self.new = ActionTile(
            _("New project"),
            _("Start with your own questions and answers, in a file or a table."),
            "new",
        )
        self.new.clicked.connect(self.begin)
        self.strip = HardwareChip()
        self._form = self._make_form()
        self._projects = self._make_projects()
        content = vbox(
            hbox((self.sample, 1), (self.new, 1), spacing=Space.MEDIUM),
            self._form,
            self._projects,
            1,
            self.strip,
            spacing=Space.LARGE,
        )
        scrolled(self, content, READING)

    def _make_form(self) -> QFrame:
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("Name, for example “Support answers”"))
        self.name.setAccessibleName(_("Name of the new project"))
        self.name.textChanged.connect(self._name_changed)
        self.name.textEdited.connect(lambda _text: self.corrected.emit())
        self.name.returnPressed.connect(self.submitted)
        self._place = label("", "small")
        self.change_folder = QPushButton(_("Change folder …"))
        self.change_folder.setAccessibleName(_("Choose another folder for the new project"))
        self.change_folder.setProperty("kind", "link")
        self.change_folder.clicked.connect(self._choose_parent)
        form = QFrame()
        set_look(form, card="true")
        place = Flow(self._place, self.change_folder, stretch=self._place)
        vbox(
            label(_("New project"), "heading"), self.name, place,
            on=form, margins=Space.CARD, spacing=Space.SMALL,
        )  # fmt: skip
        form.hide()
        return form

    def _make_projects(self) -> QWidget:
        self.grid = TileGrid[ProjectTile](letters(_TILE_LETTERS))
        self._heading = label(_("Recent projects"), "heading")
        self._none = label(
            _("None yet. One that you made before is opened by its folder."), "muted"
        )
        self.browse = QPushButton(_("Open a folder …"))
        self.browse.setAccessibleName(_("Open a project in another folder"))
        self.browse.clicked.connect(self._browse)
        projects = QWidget()
        head = Flow(self._heading, self.browse, stretch=self._heading, letters=0)
        vbox(head, self._none, self.grid, on=projects, margins=0, spacing=Space.MEDIUM)
        return projects

    def title(self) -> str:
        """Return the headline."""
        return _("Welcome")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        return _("Fine-tune a language model with your own examples, on your own computer.")

    def enter(self) -> None:
        """Show the recent projects and look at the hardware."""
        self._list_recent()
        folder = default_projects_folder()
        self._tasks.start(
            "hardware", lambda: look_at_hardware(folder), self._show_hardware, self.failed.emit
        )
        self._name_changed()

    def begin(self) -> None:
        """Ask for the name of a new project."""
        self._form.show()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        bring_into_sight(self._form)
        self.changed.emit()

    def receive(self, matter: object) -> None:
        """Another place asks for a new project."""
        if isinstance(matter, NewProject):
            self._files = matter.files
            if matter.files:
                self.name.setText(matter.files[0].stem.removesuffix(".jsonl"))
            self.begin()

    def is_naming(self) -> bool:
        """Return whether a new project is being named."""
        return not self._form.isHidden()

    def _show_hardware(self, found: Hardware) -> None:
        self.strip.show_hardware(found)

    def _list_recent(self) -> None:
        roots = [Path(path) for path in self.session.settings.recent[:_LISTED]]
        if roots != [tile.root for tile in self.grid.tiles]:
            tiles = [ProjectTile(root) for root in roots]
            for tile in tiles:
                tile.clicked.connect(lambda _=False, root=tile.root: self.open_root(root))
                tile.more.renamed.connect(partial(self._rename, tile.root))
                tile.more.taken_off.connect(partial(self._take_off, tile.root))
            self.grid.show_tiles(tiles)
        self._heading.setText(_("Recent projects") if roots else _("Your projects"))
        self._none.setVisible(not roots)
        self.grid.setVisible(bool(roots))
        self._tasks.start(
            "projects", lambda: [read_overview(root) for root in roots], self._show_overviews,
            self.failed.emit,
        )  # fmt: skip

    def _rename(self, root: Path, name: str) -> None:
        try:
            Project(root).update_info(name=name)
        except UserFacingError as error:
            self.failed.emit(error)
        self._list_recent()
        self.session.state_changed.emit()

    def _take_off(self, root: Path) -> None:
        """Its files stay where they are."""
        before = self.session.settings.recent
        self._list(tuple(path for path in before if Path(path) != root))
        text = _("“{project}” is not in the list any more. Its files stay.", project=root.name)
        self.offered.emit(text, _("Undo"), lambda: self._list(before))

    def _list(self, recent: tuple[str, ...]) -> None:
        self.session.change_settings(recent=recent)
        self._list_recent()
        self.changed.emit()

    def _show_overviews(self, found: list[Overview | None]) -> None:
        for tile, overview in zip(self.grid.tiles, found, strict=False):
            tile.show_overview(overview)

    def _name_changed(self) -> None:
        root = self.new_root()
        folder = str(root or self._chosen_parent)
        self._place.setText(_("Will be saved in {folder}", folder=folder))
        self.changed.emit()

    def new_root(self) -> Path | None:
        """Return the folder of the project to be made, or ``None`` while it has no name."""
        name = folder_name(self.name.text())
        return self._chosen_parent / name if name else None

    def _choose_parent(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, _("Folder for the new project"), str(self._chosen_parent)
        )
        if folder:
            self._chosen_parent = Path(folder)
            self._name_changed()

    def _browse(self) -> None:
        start = str(default_projects_folder())
        folder = QFileDialog.getExistingDirectory(self, _("Open a project"), start)
        if folder:
            self.open_root(Path(folder))

    def _newest(self) -> Path | None:
        return self.grid.tiles[0].root if self.grid.tiles else None

    def primary_text(self) -> str:
        """Name what comes next: the new project or the newest one; nothing before the first."""
        if self.is_naming():
            return _("Create project")
        root = self._newest()
        if root is None:
            return ""  # the tiles say it
        is_open = self.session.project is not None and self.session.project.root == root
        text = N_("Continue with “{project}”") if is_open else N_("Open “{project}”")
        return _(text, project=root.name)

    def is_ready(self) -> bool:
        """A new project needs a name."""
        return not self.is_naming() or self.new_root() is not None

    def hint(self) -> str:
        """Say what is missing."""
        return "" if self.is_ready() else _("Give the project a name.")

    def apply(self) -> None:
        """Make the new project, or open the newest one or the sample."""
        root = self.new_root() if self.is_naming() else self._newest()
        if self.is_naming():
            if root is not None:
                self.session.create_project(root, self.name.text().strip())
                self._form.hide()
                self.name.clear()
                self._begin_project()
        elif root is not None:
            self.open_root(root)
        else:
            self.open_sample()

    def _begin_project(self) -> None:
        files, self._files = self._files, ()
        if files:
            self.sent.emit(Step.EXAMPLES, files)
        else:
            self.finished.emit()

    def open_sample(self) -> None:
        """Open the sample project, as it was left."""
        try:
            self.session.open_project(open_sample(sample_folder()).root)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self.finished.emit()

    def open_root(self, root: Path) -> None:
        """Open the project in ``root`` and go where it was left."""
        try:
            self.session.open_project(root)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self.finished.emit()

    def works_read_only(self) -> bool:
        """Opening another project changes nothing in this one."""
        return True

    def next(self) -> Step | None:
        """Return where the opened project was left, or its first unfinished step."""
        return where_left(self.session.state)

    def shut_down(self) -> None:
        """Wait for the look at the hardware."""
        self._tasks.shut_down()
