"""The base models on this computer: what each takes, which fine-tunes need it, delete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QTableWidgetItem,
    QWidget,
)

from core.errors import UserFacingError
from core.language import N_, _, ngettext
from core.library.inventory import (
    Holding,
    Unfinished,
    delete,
    delete_unfinished,
    inventory,
    unfinished,
)
from core.wording import gigabytes
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, plain_tip
from gui.kit.message_bar import MessageBar
from gui.kit.question import Question
from gui.kit.tables import table_to_choose_from
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_COLUMNS = (N_("Model"), N_("Size"), N_("Belongs to"), N_("Needed by"))
_SIZE_WANTED = (860, 560)
_OURS = "Homelab Tuner"  # not shown as a sentence: the product
Entry = Holding | Unfinished


class ModelsDialog(QDialog):
    """Reads the disk when it opens and after each change; nothing connects.

    Args:
        projects: their fine-tunes count as users.
    """

    def __init__(self, projects: list[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Base models"))
        self._projects = projects
        self._tasks = Tasks(self)
        self.entries: list[Entry] = []
        self.message = MessageBar()
        name = _("Base models on this computer")
        self.table = table_to_choose_from(name, [_(column) for column in _COLUMNS])
        self.table.setAlternatingRowColors(True)
        self.table.itemSelectionChanged.connect(self._chosen_changed)
        self.sum = label("", "muted")
        self.why = label("", "muted")
        self.delete = QPushButton(f" {_('Delete')}")
        self.delete.setIcon(icon("delete"))
        self.delete.clicked.connect(self._ask)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        vbox(
            label(name, "heading"),
            self.message,
            (self.table, 1),
            Flow(self.sum, self.delete, stretch=self.sum),
            self.why,
            buttons,
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        fit_dialog(self, *_SIZE_WANTED)
        self.look()

    def look(self) -> None:
        """Read what is there."""
        projects = self._projects
        self.sum.setText(_("Looking for models …"))
        self.delete.setEnabled(False)
        self._tasks.start(
            "look",
            lambda: [*inventory(projects), *unfinished()],
            self._show,
            self.message.say_error,
        )

    def _show(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            for column, text in enumerate(_facts(entry)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(_tip(entry) if column == 0 else text))
                self.table.setItem(row, column, item)
        own = sum(_size(entry) for entry in entries if _is_own(entry))
        self.sum.setText(
            _("This application's own models take {size}.", size=gigabytes(own))
            if entries
            else _("No base model is on this computer yet.")
        )
        if entries and self.chosen() is None:
            self.table.selectRow(0)
        self._chosen_changed()

    def chosen(self) -> Entry | None:
        """Return what the chosen row shows."""
        rows = self.table.selectionModel().selectedRows()
        return self.entries[rows[0].row()] if rows and rows[0].row() < len(self.entries) else None

    def _chosen_changed(self) -> None:
        entry = self.chosen()
        self.delete.setEnabled(entry is not None and _is_own(entry))
        foreign = isinstance(entry, Holding) and not entry.is_own
        self.why.setText(_delete_it_there(entry) if foreign else "")  # type: ignore[arg-type]
        self.why.setVisible(foreign)

    def _ask(self) -> None:
        entry = self.chosen()
        if entry is None:
            return
        name, todo = _name(entry), ""
        what: str = _("Delete “{model}” and free {size}?", model=name, size=gigabytes(_size(entry)))
        if isinstance(entry, Holding) and entry.needed_by:
            todo = _(
                "{what} A fine-tune does not work without its base model.", what=_needed(entry)
            )
        answers: tuple[tuple[str, Callable[[], None]], ...] = (
            (_("Keep it"), lambda: None),
            (_("Delete"), lambda: self._delete(entry)),
        )
        self.message.ask(Question(what, todo, answers))

    def _delete(self, entry: Entry) -> None:
        projects = self._projects

        def work() -> None:
            if isinstance(entry, Holding):
                delete(entry, projects, although_needed=True)
            else:
                delete_unfinished(entry)

        self.delete.setEnabled(False)
        self._tasks.start("delete", work, lambda _none: self._deleted(entry), self._kept)

    def _deleted(self, entry: Entry) -> None:
        size = gigabytes(_size(entry))
        said = _("Deleted {model}. This freed {size}.", model=_name(entry), size=size)
        self.message.say("good", said)
        self.table.clearSelection()
        self.look()

    def _kept(self, error: UserFacingError) -> None:
        self.message.say_error(error)
        self.look()

    def done(self, result: int) -> None:
        """Finish what was begun, then close."""
        self._tasks.shut_down()
        super().done(result)


def _name(entry: Entry) -> str:
    return entry.model.name if isinstance(entry, Holding) else entry.repo


def _size(entry: Entry) -> int:
    return entry.model.size if isinstance(entry, Holding) else entry.done


def _is_own(entry: Entry) -> bool:
    return entry.is_own if isinstance(entry, Holding) else not entry.is_running


def _tip(entry: Entry) -> str:
    return str(entry.model.folder if isinstance(entry, Holding) else entry.run.root)


def _facts(entry: Entry) -> tuple[str, str, str, str]:
    if isinstance(entry, Holding):
        model = entry.model
        return model.name, gigabytes(model.size), model.source, ", ".join(entry.needed_by)
    known = {"done": gigabytes(entry.done), "total": gigabytes(entry.total)}
    return entry.repo, _("{done} of {total} downloaded", **known), _OURS, ""


def _needed(holding: Holding) -> str:
    return ngettext(
        "{count:,} fine-tune needs “{model}”: {names}.",
        "{count:,} fine-tunes need “{model}”: {names}.",
        len(holding.needed_by),
        model=holding.model.name,
        names=", ".join(holding.needed_by),
    )


def _delete_it_there(holding: Holding) -> str:
    model = holding.model
    what = _("“{model}” belongs to {program}.", model=model.name, program=model.source)
    todo = _("Delete it there, or delete the folder “{folder}” yourself.", folder=str(model.folder))
    return _("{what} {todo}", what=what, todo=todo)
