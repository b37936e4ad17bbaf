"""The library: every fine-tune in the user's projects with its facts; open and delete."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core import language
from core.bin import Binned, bring_back, delete_for_good, in_bin
from core.errors import UserFacingError
from core.hardware.system.energy import cost, kilowatt_hours, money
from core.language import N_, _
from core.library.fine_tunes import FineTune, delete, list_fine_tunes
from core.project import Project
from core.queue.entries import live_training, load_queue
from core.settings import Settings
from core.wizard import Step
from core.wording import duration
from gui.jobs.task_thread import Tasks
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, set_tip
from gui.kit.look.sizes import WIDE
from gui.kit.tables import table_to_choose_from
from gui.kit.theme import Space
from gui.library.bin_panel import BinPanel
from gui.library.models_dialog import ModelsDialog
from gui.wizard.page import Page, Place
from gui.wizard.session import READ_ONLY, Session

_COLUMNS = (
    N_("Project"),
    N_("Run"),
    N_("Base model"),
    N_("Dataset version"),
    N_("Perplexity"),
    N_("Steps"),
    N_("Time"),
    N_("Energy and cost"),
)
_LEAST_LETTERS = 10


class LibraryPage(Page):
    """Not a step: reached from the side, and left with Back."""

    limit = WIDE

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._tasks = Tasks(self)
        self.tunes: list[FineTune] = []
        self._binned: list[Binned] = []
        self._last: Binned | None = None  # deleted last, and what the open project knew of it
        self._before: dict[str, str | bool] = {}
        columns = [_(column) for column in _COLUMNS]
        self.table = table_to_choose_from(_("Fine-tunes"), columns, wide=0)
        self.more = QPushButton(f" {_('Train more …')}")
        self.more.setIcon(icon("play"))
        self.more.clicked.connect(self.train_from_adapter)
        self.chat = QPushButton(f" {_('Chat')}")
        self.chat.setIcon(icon("chat"))
        self.chat.clicked.connect(self.chat_with_chosen)
        self.delete = QPushButton(f" {_('Delete')}")
        self.delete.setIcon(icon("delete"))
        self.delete.clicked.connect(self._delete_chosen)
        self.models = QPushButton(f" {_('Base models …')}")
        self.models.setIcon(icon("model"))
        self.models.clicked.connect(self.show_models)
        self.bin = BinPanel()
        self.bin.brought_back.connect(self._bring_back)
        self.bin.emptied.connect(self._empty_bin)
        self._empty = label(_("Looking through your projects …"), "muted")
        self._set_up_table()
        row = Flow(self.models, self.chat, self.more, self.delete, at_end=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, Space.SMALL, 0, Space.SMALL)
        layout.setSpacing(Space.MEDIUM)
        layout.addWidget(self._empty)
        layout.addWidget(self.table, 1)
        layout.addStretch()  # takes the table's room when that is hidden
        layout.addLayout(row)
        layout.addWidget(self.bin)

    def _set_up_table(self) -> None:
        table = self.table
        table.setAlternatingRowColors(True)
        header = table.horizontalHeader()
        # With large text the other columns would leave the first one no room for its own name.
        header.setMinimumSectionSize(_LEAST_LETTERS * table.fontMetrics().averageCharWidth())
        table.itemSelectionChanged.connect(self._chosen_changed)
        table.itemSelectionChanged.connect(self.corrected)
        table.itemDoubleClicked.connect(lambda _item: self.apply())

    def title(self) -> str:
        """Return the headline."""
        return _("Library")

    def subtitle(self) -> str:
        """Return what is here."""
        return _("Every fine-tune you have made, with its time and cost.")

    def primary_text(self) -> str:
        """Name the fine-tune that will be opened."""
        tune = self.chosen()
        if tune is None:
            return _("Open")
        return _("Open {run} of “{project}”", run=tune.run.name, project=tune.project.root.name)

    def is_ready(self) -> bool:
        """A row must be chosen."""
        return self.chosen() is not None

    def works_read_only(self) -> bool:
        """Everything but deleting only reads."""
        return True

    def hint(self) -> str:
        """Ask for a choice."""
        return _("Choose a row.") if self.tunes and self.chosen() is None else ""

    def enter(self) -> None:
        """Read the projects again."""
        projects = [Path(path) for path in self.session.settings.recent]
        self._tasks.start(
            "read",
            lambda: (list_fine_tunes(projects), in_bin(projects)),
            lambda found: self._show(*found),
            self.failed.emit,
        )

    def _show(self, tunes: Sequence[FineTune], binned: Sequence[Binned]) -> None:
        self.tunes = list(tunes)
        self._binned = [one for one in binned if not one.queued]
        self.bin.show_bin(self._binned, _(READ_ONLY) if self.session.read_only else "")
        self.table.setRowCount(len(self.tunes))
        for row, tune in enumerate(self.tunes):
            for column, text in enumerate(facts_of(tune, self.session.settings)):
                item = QTableWidgetItem(text)
                if column >= 4:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(row, column, item)
        self._empty.setText(_("Nothing here yet. A fine-tune appears when its run has finished."))
        self._empty.setVisible(not self.tunes)
        self.table.setVisible(bool(self.tunes))
        if self.tunes and self.chosen() is None:
            self.table.selectRow(0)
        self._chosen_changed()

    def _chosen_changed(self) -> None:
        read_only = self.session.read_only
        self.chat.setEnabled(self.chosen() is not None)
        for button in (self.more, self.delete):
            button.setEnabled(self.chosen() is not None and not read_only)
            set_tip(button, _(READ_ONLY) if read_only else "")
        self.changed.emit()

    def chosen(self) -> FineTune | None:
        """Return the fine-tune of the chosen row."""
        rows = self.table.selectionModel().selectedRows()
        if not rows or rows[0].row() >= len(self.tunes):
            return None
        return self.tunes[rows[0].row()]

    def apply(self) -> None:
        """Open the chosen fine-tune at its comparison."""
        tune = self.chosen()
        if tune is None:
            return
        self.session.open_project(tune.project.root)
        self.session.give(finished_run=tune.run.name)
        self.session.give(evaluated=tune.perplexity is not None)
        self.session.go_to(Step.COMPARISON)
        self.finished.emit()

    def train_from_adapter(self) -> None:
        """Go to the settings of a run that continues from the chosen fine-tune."""
        tune = self._opened()
        if tune is not None:
            self.session.train_from_adapter(
                tune.run.name, str(tune.base_model), tune.dataset_version
            )
            self.finished.emit()

    def chat_with_chosen(self) -> None:
        """Go to the chat with the chosen fine-tune."""
        tune = self._opened()
        if tune is not None:
            self.sent.emit(Place.CHAT, tune.run.name)

    def _opened(self) -> FineTune | None:
        """Open the project of the chosen fine-tune; ``None`` where that does not work."""
        tune = self.chosen()
        if tune is None:
            return None
        try:
            self.session.open_project(tune.project.root)
        except UserFacingError as error:
            self.failed.emit(error)
            return None
        return tune

    def show_models(self) -> None:
        """Show the base models on this computer and what needs them."""
        ModelsDialog([Path(path) for path in self.session.settings.recent], self).open()

    def _delete_chosen(self) -> None:
        tune = self.chosen()
        if tune is not None:
            self._tasks.start("delete", lambda: delete(tune), self._deleted, self.failed.emit)

    def _deleted(self, binned: Binned) -> None:
        self._last = binned
        self._forget(binned)
        self.enter()
        run, project = binned.run.name, binned.project.root.name
        said = _("{run} of “{project}” is deleted.", run=run, project=project)
        self.offered.emit(said, _("Undo"), self.undo)

    def _forget(self, binned: Binned) -> None:
        """The steps of the open project are no longer about a deleted run."""
        project, state = self.session.project, self.session.state
        if project is None or project.root != binned.project.root:
            return
        about = ("training_run", "more_of", "finished_run")
        gone = {name: "" for name in about if getattr(state, name) == binned.run.name}
        if "training_run" in gone:
            gone["training_run"] = _another_training(binned.project)
        if "finished_run" in gone:
            others = (tune for tune in self.tunes if tune.run.name != binned.run.name)
            here = (tune.run.name for tune in others if tune.project == project)
            gone["finished_run"] = next(here, "")  # the newest: it can still be compared and saved
        with_it = {"training_run": ("training_done",), "finished_run": ("evaluated", "exported_to")}
        lost = [*gone, *(name for one in gone for name in with_it.get(one, ()))]
        self._before = {name: getattr(state, name) for name in lost}
        self.session.give(**gone)

    def undo(self) -> None:
        """Bring back what was deleted last."""
        if self._last is not None:
            self._bring_back(self._last)

    def _bring_back(self, binned: Binned) -> None:
        self._tasks.start(
            "bring back",  # not shown: the task's name
            lambda: bring_back(binned),
            lambda _run: self._came_back(binned),
            self.failed.emit,
        )

    def _came_back(self, binned: Binned) -> None:
        if binned == self._last:
            project = self.session.project
            if self._before and project is not None and project.root == binned.project.root:
                finished = self.session.state.finished_run
                self.session.give(**{"finished_run": finished, **self._before})
            self._last, self._before = None, {}
        self.enter()

    def _empty_bin(self) -> None:
        found = list(self._binned)

        def work() -> None:
            for binned in found:
                delete_for_good(binned)

        self._tasks.start("empty", work, lambda _none: self.enter(), self._kept)

    def _kept(self, error: UserFacingError) -> None:
        self.enter()
        self.failed.emit(error)

    def shut_down(self) -> None:
        """Finish what was begun."""
        self._tasks.shut_down()


def _another_training(project: Project) -> str:
    """The run to show instead: the one that trains now, or the queue's first."""
    live = live_training(project)
    queued = [live.name] if live is not None else [item.run for item in load_queue(project)]
    return queued[0] if queued else ""


def facts_of(tune: FineTune, settings: Settings) -> list[str]:
    """Return the texts of one row."""
    perplexity: str = _("not compared yet")
    if tune.perplexity is not None:
        before, after = (language.number(value, ".1f") for value in tune.perplexity)
        perplexity = f"{before} → {after}"
    used = tune.energy.whole(settings.extra_watts) if tune.energy else None
    price = money(cost(used or 0.0, settings.tariff), settings.currency)
    return [
        tune.project.root.name,
        tune.run.name,
        tune.base_model.name,
        tune.dataset_version[:8],
        perplexity,
        language.number(tune.steps),
        duration(tune.seconds),
        _("not measured") if used is None else f"{kilowatt_hours(used)}, {price}",
    ]
