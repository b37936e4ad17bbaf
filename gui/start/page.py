"""The first page: try the sample project, make a new one, or open one of the last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from core.errors import UserFacingError
from core.language import _
from core.sample_project import open_sample, sample_folder
from core.settings import default_projects_folder
from core.storage.names import folder_name
from core.wizard import Step, where_left
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, vbox
from gui.kit.choice_card import ChoiceCard
from gui.kit.labels import label
from gui.kit.look.sizes import READING
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.start.hardware_strip import Hardware, HardwareStrip, look_at_hardware
from gui.wizard.page import Page
from gui.wizard.session import Session

_LIST_HEIGHT = 118
_LISTED = 12


class StartPage(Page):
    """Opens a project; the primary button says which."""

    step = Step.START

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._tasks = Tasks(self)
        self._chosen_parent = default_projects_folder()
        self.sample = ChoiceCard(
            _("Try the sample project"),
            _(
                "A small model learns to describe Python functions in one sentence. Everything is "
                "included. It takes you through each step in about ten minutes."
            ),
            "sample",
        )
        self.new = ChoiceCard(_("New project"), _("Start with your own examples."), "new")
        self.recent = ChoiceCard(_("Open a project"), "", "folder")
        self.strip = HardwareStrip()
        self._fill_new()
        self._fill_recent()
        self._group = QButtonGroup(self)
        for card in (self.sample, self.new, self.recent):
            self._group.addButton(card.button)
            card.chosen.connect(self._choice_changed)
        content = vbox(self.sample, self.new, self.recent, self.strip, 1, spacing=Space.MEDIUM)
        scrolled(self, content, READING)

    def _fill_new(self) -> None:
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("Name, for example “Support answers”"))
        self.name.setAccessibleName(_("Name of the new project"))
        self.name.textChanged.connect(self._name_changed)
        self.name.textEdited.connect(lambda _text: self.corrected.emit())
        self.name.returnPressed.connect(self.submitted)
        self._place = label("", "small")
        change = QPushButton(_("Change folder …"))
        change.setAccessibleName(_("Choose another folder for the new project"))
        change.clicked.connect(self._choose_parent)
        row = hbox((self.name, 1), change)
        self._new_fields = QWidget()
        vbox(row, self._place, on=self._new_fields, margins=0)
        self.new.body.addWidget(self._new_fields)
        self.new.picked.connect(self.name.setFocus)

    def _fill_recent(self) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName(_("Recent projects"))
        self.list.setFixedHeight(_LIST_HEIGHT)
        self.list.currentItemChanged.connect(self._choice_changed)
        self.list.itemActivated.connect(lambda _item: self._open_listed())
        browse = QPushButton(_("Another folder …"))
        browse.setAccessibleName(_("Open a project in another folder"))
        browse.clicked.connect(self._browse)
        self._recent_fields = QWidget()
        vbox(self.list, (browse, 0, Qt.AlignmentFlag.AlignLeft), on=self._recent_fields, margins=0)
        self.recent.body.addWidget(self._recent_fields)

    def title(self) -> str:
        """Return the headline."""
        return _("Welcome")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        return _("Fine-tune a language model with your own examples, on your own computer.")

    def enter(self) -> None:
        """List the recent projects, choose the likeliest card and look at the hardware."""
        self._list_recent()
        if self._group.checkedButton() is None:
            (self.recent if self.session.settings.recent else self.sample).choose()
        folder = default_projects_folder()
        self._tasks.start(
            "hardware", lambda: look_at_hardware(folder), self._show_hardware, self.failed.emit
        )
        self._name_changed()

    def _show_hardware(self, found: Hardware) -> None:
        self.strip.show_hardware(found)

    def _list_recent(self) -> None:
        self.list.clear()
        for path in self.session.settings.recent[:_LISTED]:
            item = QListWidgetItem(f"{Path(path).name}\n{Path(path).parent}")
            item.setData(Qt.ItemDataRole.UserRole, path)
            self.list.addItem(item)
        self.list.setVisible(self.list.count() > 0)
        if self.list.count():
            self.list.setCurrentRow(0)

    def _choice_changed(self) -> None:
        self._new_fields.setVisible(self.new.is_chosen())
        self._recent_fields.setVisible(self.recent.is_chosen())
        self.changed.emit()

    def _name_changed(self) -> None:
        root = self.new_root()
        self._place.setText(_("Will be saved in {folder}", folder=str(root)) if root else "")
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

    def _listed_root(self) -> Path | None:
        item = self.list.currentItem()
        return Path(item.data(Qt.ItemDataRole.UserRole)) if item else None

    def primary_text(self) -> str:
        """Name the project that will be opened."""
        if self.sample.is_chosen():
            return _("Try the sample project")
        if self.new.is_chosen():
            return _("Create project")
        root = self._listed_root()
        return _("Open “{project}”", project=root.name) if root else _("Open a project")

    def is_ready(self) -> bool:
        """A new project needs a name, an old one must be picked."""
        if self.new.is_chosen():
            return self.new_root() is not None
        return self.sample.is_chosen() or self._listed_root() is not None

    def hint(self) -> str:
        """Say what is missing."""
        if self.new.is_chosen() and not self.is_ready():
            return _("Give the project a name.")
        return ""

    def apply(self) -> None:
        """Open or make the chosen project."""
        if self.sample.is_chosen():
            self._open_sample()
        elif self.new.is_chosen():
            root = self.new_root()
            if root is not None:
                self.session.create_project(root, self.name.text().strip())
                self.finished.emit()
        else:
            self._open_listed()

    def _open_sample(self) -> None:
        self.session.open_project(open_sample(sample_folder()).root)
        self.finished.emit()

    def _open_listed(self) -> None:
        root = self._listed_root()
        if root is not None:
            self.open_root(root)

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
