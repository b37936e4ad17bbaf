"""The library: every fine-tune in the user's projects, to open, name, copy, put away and delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from core.bin import Binned, in_bin
from core.errors import UserFacingError
from core.language import _
from core.library.fine_tunes import FineTune
from core.library.shelf import Kept, read_shelf
from core.wizard import Step
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import set_tip
from gui.kit.look.sizes import READING
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.library.about_dialog import AboutDialog
from gui.library.bin_panel import BinPanel
from gui.library.compare_menu import CompareMenu
from gui.library.models_dialog import ModelsDialog
from gui.library.shelf_actions import ShelfActions
from gui.library.shelf_list import ShelfList
from gui.wizard.page import Against, NewProject, Page, Place
from gui.wizard.session import READ_ONLY, Session


class LibraryPage(Page):
    """Not a step: reached from the side, and left with Back.

    Attributes:
        tunes: all fine-tunes, the newest of each project first, archived ones too.
        shelf: the list of them.
    """

    limit = READING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._tasks = Tasks(self)
        self.tunes: list[FineTune] = []
        self._binned: list[Binned] = []
        self.models = self._button(_("Base models …"), "model", self.show_models)
        self.shelf = ShelfList(self.models)
        self.shelf.changed.connect(self._chosen_changed)
        self.shelf.opened.connect(self.submitted)
        self.deeds = ShelfActions(session, self)
        self.deeds.done.connect(self.enter)
        self.deeds.offered.connect(self.offered)
        self.deeds.failed.connect(self.failed)
        self.deeds.copied.connect(lambda run: self.shelf.choose(run.root))
        self.begin = self._button(_("New project"), "new", self._begin)
        self.chat = self._button(_("Chat"), "chat", self.chat_with_chosen)
        self.more = self._button(_("Train more …"), "play", self.train_from_adapter)
        self.against = CompareMenu()
        self.against.picked.connect(self.rate_against)
        self.about = self._button(_("Name and notes …"), "edit", self.ask_about)
        self.duplicate = self._button(_("Duplicate"), "copy", self._duplicate_chosen)
        self.archive = self._button(_("Archive"), "save", self._archive_chosen)
        self.delete = self._button(_("Delete"), "delete", self._delete_chosen)
        for key, do in ((Qt.Key.Key_F2, self.about), (Qt.Key.Key_Delete, self.delete)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do.click)
        self.bin = BinPanel()
        self.bin.brought_back.connect(self.deeds.bring_back)
        self.bin.emptied.connect(lambda: self.deeds.empty(list(self._binned)))
        self._lay_out()
        self._chosen_changed()

    def _button(self, text: str, picture: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton(f" {text}")
        button.setIcon(icon(picture))
        button.clicked.connect(lambda _on=False: do())
        return button

    def _lay_out(self) -> None:
        listed = QWidget()
        below = vbox(self.bin, hbox(self.begin, 1), spacing=Space.MEDIUM)
        scrolled(listed, vbox(self.shelf, below, 1, spacing=Space.MEDIUM))
        self._on_chosen = (self.chat, self.more, self.about, self.duplicate, self.archive,
                           self.delete)  # fmt: skip
        row = Flow(self.chat, self.against, *self._on_chosen[1:], balanced=True)
        margins = (0, Space.SMALL, 0, Space.SMALL)
        vbox((listed, 1), row, on=self, margins=margins, spacing=Space.MEDIUM)

    def title(self) -> str:
        """Return the headline."""
        return _("Library")

    def subtitle(self) -> str:
        """Return what is here."""
        return _("Every fine-tune you have made, with its time and cost.")

    def primary_text(self) -> str:
        """Name the fine-tune that will be opened."""
        kept = self.shelf.chosen()
        return "" if kept is None else _("Open “{name}”", name=kept.name)

    def is_ready(self) -> bool:
        """A fine-tune must be chosen."""
        return self.chosen() is not None

    def works_read_only(self) -> bool:
        """Chatting and opening only read; the rest is switched off one by one."""
        return True

    def focus_first(self) -> bool:
        """The keyboard begins on the chosen fine-tune."""
        return self.shelf.focus_chosen()

    def enter(self) -> None:
        """Read the projects again."""
        projects = [Path(path) for path in self.session.settings.recent]
        self._tasks.start(
            "read",
            lambda: (read_shelf(projects), in_bin(projects)),
            lambda found: self._show(*found),
            self.failed.emit,
        )

    def _show(self, shelf: Sequence[Kept], binned: Sequence[Binned]) -> None:
        self.tunes = [kept.tune for kept in shelf]
        self._binned = [one for one in binned if not one.queued]
        self.bin.show_bin(self._binned, _(READ_ONLY) if self.session.read_only else "")
        self.shelf.show_shelf(shelf, self.session.settings)
        if self.window().focusWidget() is self:  # it waited there for something to choose
            self.shelf.focus_chosen()

    def _chosen_changed(self) -> None:
        read_only, kept = self.session.read_only, self.shelf.chosen()
        self.chat.setEnabled(kept is not None)
        self.begin.setVisible(bool(self.shelf.is_read and not self.tunes))
        for button in self._on_chosen:
            button.setVisible(kept is not None)
        for button in self._on_chosen[1:]:
            button.setEnabled(kept is not None and not read_only)
            set_tip(button, _(READ_ONLY) if read_only else "")
        self.against.setVisible(self.against.offer(kept, self.shelf.listed) and not read_only)
        away = kept is not None and kept.about.archived
        self.archive.setText(f" {_('Take out of the archive') if away else _('Archive')}")
        self.corrected.emit()
        self.changed.emit()

    def chosen(self) -> FineTune | None:
        """Return the fine-tune of the chosen card."""
        kept = self.shelf.chosen()
        return kept.tune if kept is not None else None

    def apply(self) -> None:
        """Open the chosen fine-tune at its comparison."""
        tune = self.chosen()
        if tune is not None:
            self._compare(tune)
            self.session.go_to(Step.COMPARISON)
            self.finished.emit()

    def rate_against(self, other: str) -> None:
        """Open the chosen fine-tune at its comparison, with another one as the opponent."""
        tune = self.chosen()
        if tune is not None:
            self._compare(tune)
            self.sent.emit(Step.COMPARISON, Against(other))

    def _compare(self, tune: FineTune) -> None:
        self.session.open_project(tune.project.root)
        self.session.give(finished_run=tune.run.name)
        self.session.give(evaluated=tune.perplexity is not None)

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

    def _begin(self) -> None:
        self.sent.emit(Step.START, NewProject())

    def show_models(self) -> None:
        """Show the base models on this computer and what needs them."""
        ModelsDialog([Path(path) for path in self.session.settings.recent], self).open()

    def ask_about(self) -> None:
        """Ask for a name and notes."""
        kept = self.shelf.chosen()
        if kept is not None:
            dialog = AboutDialog(kept, self)
            dialog.said.connect(lambda about: self.deeds.say(kept, about))
            dialog.open()
            dialog.name.setFocus()

    def _archive_chosen(self) -> None:
        kept = self.shelf.chosen()
        if kept is not None:
            about = kept.about.model_copy(update={"archived": not kept.about.archived})
            self.deeds.say(kept, about)

    def _duplicate_chosen(self) -> None:
        kept = self.shelf.chosen()
        if kept is not None:
            self.deeds.duplicate(kept)

    def _delete_chosen(self) -> None:
        tune = self.chosen()
        if tune is not None:
            others = [one for one in self.tunes if one.run.name != tune.run.name]
            if self.delete.hasFocus():  # one more Return would delete the next
                self.shelf.focus_chosen()
            self.deeds.delete(tune, others)

    def undo(self) -> None:
        """Take back what was done last."""
        self.deeds.undo()

    def shut_down(self) -> None:
        """Finish what was begun."""
        self._tasks.shut_down()
        self.deeds.shut_down()
