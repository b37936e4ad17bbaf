"""Chat: ask the base model, a fine-tune or both, and see what they answer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.conversations.corrections import write_corrections
from core.language import _
from core.wizard import Step
from gui.chat.arranged_page import ArrangedChat
from gui.chat.composer import LONGEST
from gui.chat.holder import Opener, open_process
from gui.chat.memory import Remembered
from gui.chat.partners import Partners, look_at
from gui.chat.talk import Talk, UnderWay
from gui.chat.transcript.links import link_question
from gui.chat.view_model import Partner
from gui.jobs.task_thread import Tasks
from gui.kit.look.sizes import READING
from gui.wizard.session import Session

_MEMORY = "chat"  # not shown: a key


class ChatPage(ArrangedChat):
    """Not a step: reached from the side, from the library and from Saving."""

    limit = READING
    opener: Opener = staticmethod(open_process)  # replaced in tests

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.partners: Partners | None = None
        self._tasks = Tasks(self)
        self._usual_system = ""  # that of the examples
        self._wished = ""  # a fine-tune that another page has named
        self._restored = False
        self._stop_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._escape)
        self._stop_key.setContext(Qt.ShortcutContext.WindowShortcut)  # also from the footer
        self._stop_key.setEnabled(False)
        self.talk = Talk(session, self.transcript, type(self).opener, self)
        self._connect()

    def _connect(self) -> None:
        talk = self.talk
        talk.changed.connect(self._talk_changed)
        talk.opened.connect(self._conversation_opened)
        talk.failed.connect(self.failed)
        talk.told.connect(self.noted)
        self.partner.chosen.connect(self._choose)
        self.past.toggled.connect(self._past_shown)
        self.new.clicked.connect(self.start_new)
        self.options.changed.connect(self._options_changed)
        self.bar.unload_asked.connect(talk.unload)
        self.blind.end_asked.connect(talk.end_blind)
        talk.blind.stands.connect(self.blind.show_standing)
        talk.blind.ended.connect(lambda _outcome: self.blind.show_standing(None))
        talk.blind.returned.connect(self.composer.setPlainText)
        self.composer.submitted.connect(self._submitted)
        self.composer.paged.connect(self.transcript.scroll_pages)
        self.composer.textChanged.connect(self.changed)
        self.transcript.edit_asked.connect(self.edit_last)
        self.transcript.link_chosen.connect(self._ask_about_link)
        self.transcript.taught.connect(self.teach)
        self.history.opened.connect(talk.open)
        self.history.deleted.connect(talk.note_deleted)
        self.history.renamed.connect(talk.note_renamed)
        self.history.changed.connect(self.changed)
        self.history.failed.connect(self.failed)
        self.history.told.connect(self.told)
        self.history.offered.connect(self.offered)

    def title(self) -> str:
        """Return the headline."""
        return _("Chat")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        return _("Ask your fine-tune, the base model, or both.")

    def primary_text(self) -> str:
        """Send, stop, or open what is chosen."""
        if self.past.isChecked():
            return _("Open this conversation")
        return _("Stop") if self.talk.model.is_writing else _("Send")

    def is_ready(self) -> bool:
        """Something must be written, and someone be there to answer."""
        if self.past.isChecked():
            return bool(self.history.chosen())
        if self.talk.model.is_writing:
            return True
        return self._base() is not None and 0 < len(self.composer.text()) <= LONGEST

    def hint(self) -> str:
        """Say what is missing."""
        if self.session.project is None:
            return _("Open or create one on the first page.")
        if self.partners is not None and self._base() is None:
            return _("Choose a base model first.")
        if self.talk.model.editing:
            return _("Your changed question replaces the last one.")
        return ""

    def is_busy(self) -> bool:
        """Return whether an answer is being written."""
        return self.talk.model.is_writing

    def enter(self) -> None:
        """Look for fine-tunes, and show the conversation that was open."""
        project, state = self.session.project, self.session.state
        self._talk_changed()
        if project is None:
            self.transcript.empty.setText(_("No project is open."))
            for widget in (self.past, self.new, self.composer):
                widget.setEnabled(False)
            return
        self._restore()
        self._tasks.start(
            "look", lambda: look_at(project, state), self._show_partners, self.failed.emit
        )
        if self.past.isChecked():
            self.history.look(project.chats, read_only=self.session.read_only)

    def receive(self, matter: object) -> None:
        """Talk to the fine-tune that another page names."""
        if isinstance(matter, str) and matter:
            self._wished = matter
            self.past.setChecked(False)
            if self.partners is not None:
                self._show_partners((self.partners, self._usual_system))

    def _restore(self) -> None:
        if self._restored:
            return
        self._restored = True
        kept = Remembered.read(self.session.state.page.get(_MEMORY, {}))
        model = self.talk.model
        model.partner, model.tune, model.options = kept.partner, kept.tune, kept.options()
        self.options.show_options(model.options)
        if kept.name:
            self.talk.open(kept.name, quietly=True)

    def _show_partners(self, found: tuple[Partners, str]) -> None:
        self.partners, system = found
        self.transcript.call(self.partners.names)
        model, runs = self.talk.model, [run for run, _base in self.partners.tunes]
        if self._wished in runs:
            model.tune, self._wished = self._wished, ""
            model.partner = "tune" if model.partner == "base" else model.partner
        elif model.tune not in runs:
            model.tune, model.partner = (runs[0], "tune") if runs else ("", "base")
        if model.options.system == self._usual_system:
            model.options.system = system
            self.options.show_options(model.options)
        self._usual_system = system
        if model.partner == "blind" and self.session.read_only:
            model.partner = "both"
        self.partner.show_partners(
            self.partners, model.partner, model.tune, writes=not self.session.read_only
        )
        self._show_blind()
        self.transcript.empty.setText(
            _("What would you like to ask?")
            if self._base() is not None
            else _("Choose a base model first.")
        )
        self.changed.emit()

    def _base(self) -> Path | None:
        return self.partners.base_of(self.talk.model.tune) if self.partners is not None else None

    def _choose(self, partner: Partner, tune: str) -> None:
        self.talk.model.partner, self.talk.model.tune = partner, tune
        self._show_blind()
        self.changed.emit()

    def _show_blind(self) -> None:
        blind, project = self.talk.model.partner == "blind", self.session.project
        self.blind.setVisible(blind)
        if blind and project is not None:
            self.talk.blind.look(project)

    def _options_changed(self) -> None:
        self.talk.model.options = self.options.options()

    def apply(self) -> None:
        """Send, stop, or open what is chosen."""
        if self.past.isChecked():
            self.history.open_chosen()
        elif self.talk.model.is_writing:
            self.talk.stop()
        elif self.partners is not None:
            self.fold.setChecked(False)
            self.talk.ask(self.composer.text(), self.partners)
            self.composer.clear()

    def _submitted(self) -> None:
        if not self.talk.model.is_writing:
            self.submitted.emit()

    def _escape(self) -> None:
        model = self.talk.model
        if model.is_writing:
            self.talk.stop()
        elif model.editing:
            model.editing = False
            self.composer.clear()
            self._talk_changed()

    def edit_last(self) -> None:
        """Change the last question; the answer is then written again."""
        if not self.talk.model.is_writing:
            self.composer.setPlainText(self.talk.model.begin_edit())
            self.composer.setFocus(Qt.FocusReason.OtherFocusReason)
            self._talk_changed()

    def _talk_changed(self) -> None:
        model = self.talk.model
        self.bar.show_holder(self.talk.holder, kept=not self.session.read_only)
        self._stop_key.setEnabled(model.is_writing or model.editing)
        self.changed.emit()

    def _ask_about_link(self, address: str) -> None:
        question = link_question(address)
        if question is not None:
            self.asked.emit(question)
        else:
            self.told.emit(_("“{address}” is not opened from here.", address=address[:200]))

    def teach(self) -> None:
        """Take the corrected answers to the page Examples."""
        project = self.session.require_project()
        self.talk.flush()
        self._tasks.start(
            "teach",
            lambda: write_corrections(project),
            lambda path: self.sent.emit(Step.EXAMPLES, path),
            self.failed.emit,
        )

    def start_new(self) -> None:
        """Begin another conversation."""
        self.talk.start_new()
        self.composer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _conversation_opened(self) -> None:
        model = self.talk.model
        kept = model.conversation.system
        model.options.system = kept if model.is_worth_keeping else self._usual_system
        self.options.show_options(model.options)
        self.past.setChecked(False)

    def _past_shown(self, shown: bool) -> None:
        project = self.session.project
        if shown and project is not None:
            self.history.look(project.chats, read_only=self.session.read_only)
        self.changed.emit()
        self.focus_first()

    def undo(self) -> None:
        """Bring back a conversation that was deleted."""
        self.history.undo()

    def leave(self) -> None:
        """Remember what was chosen."""
        if self.session.project is None or self.session.read_only:
            return
        kept = Remembered.of(self.talk.model)
        self.session.remember(_MEMORY, kept.model_dump(mode="json"))

    def hand_over(self) -> object | None:
        """Let the same page, built again, continue with the model and the conversation."""
        return self.talk.hand_over(self.composer.toPlainText())

    def take_over(self, matter: object) -> None:
        """Continue with the model and the conversation of the page before."""
        if isinstance(matter, UnderWay):
            self._restored = True
            self.talk.take_over(matter)
            self.composer.setPlainText(matter.text)
            self.options.show_options(matter.view_model.options)

    def shut_down(self) -> None:
        """Let the model go, and finish writing."""
        self._tasks.shut_down()
        self.history.shut_down()
        self.talk.shut_down()
