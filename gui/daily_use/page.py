"""Daily use: other programs ask the fine-tunes, and what was asked is looked at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.language import _, ngettext
from core.serving.use.corrections import Learned, learn_from_use
from core.serving.use.record import (
    Mark,
    RecordSettings,
    UseRecord,
    set_record,
)
from gui.daily_use.comparison_card import ComparisonCard
from gui.daily_use.reading import Seen, look_at
from gui.daily_use.record_card import RecordCard, learned_in_words
from gui.daily_use.review_card import ReviewCard
from gui.daily_use.server_card import ServerCard
from gui.daily_use.server_control import ServerControl
from gui.daily_use.unlike_card import UnlikeCard
from gui.jobs.poller import Poller
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.look.sizes import READING
from gui.kit.question import Question
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.wizard.lessons import Lessons
from gui.wizard.page import Page
from gui.wizard.session import Session

_LOOK_MS = 3000


class DailyUsePage(Page):
    """Not a step: reached from the side."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._tasks = Tasks(self)
        self._seen: Seen | None = None
        self._learning = False
        self._poller = Poller(self, _LOOK_MS, self._next_look, self._show, self._look_failed)
        self.server = ServerCard()
        self.record = RecordCard()
        self.review = ReviewCard()
        self.unlike = UnlikeCard()
        self.comparison = ComparisonCard()
        self.comparison.failed.connect(self.failed)
        self._follow(ServerControl(self))
        self.server.switched.connect(self.switch_server)
        self.record.changed.connect(self._change_settings)
        self.record.forget_asked.connect(self._ask_to_forget)
        self.review.marked.connect(self._mark)
        self.review.undone.connect(self._unmark)
        cards = (self.server, self.record, self.review, self.unlike, self.comparison)
        scrolled(self, vbox(*cards, 1, spacing=Space.MEDIUM), READING)

    def _follow(self, control: ServerControl) -> None:
        self.control = control
        self.lessons = Lessons(self)
        control.setParent(self)
        control.changed.connect(self._server_changed)
        control.failed.connect(self.failed)

    def title(self) -> str:
        """Return the headline."""
        return _("Daily use")

    def subtitle(self) -> str:
        """Return what can be done here."""
        return _("Use your fine-tune from other programs, and learn from what was asked.")

    def primary_text(self) -> str:
        """Name how many answers become examples."""
        count = self._usable()
        if not count:
            return _("Make examples of judged answers")
        return ngettext(
            "Make an example of {count:,} judged answer",
            "Make examples of {count:,} judged answers",
            count,
        )

    def secondary_text(self) -> str:
        """What was judged can also be learned without becoming examples."""
        counts = self._seen.counts if self._seen is not None else None
        judged = counts is not None and counts.right + counts.wrong + counts.edited > 0
        return _("Learn from your ratings …") if judged else ""

    def apply_secondary(self) -> None:
        """Ask whether it is to be learned."""
        self.lessons.ask()

    def is_ready(self) -> bool:
        """Some answers must be usable, and there must be examples to add them to."""
        some = self._usable() > 0 and bool(self.session.state.dataset_version)
        return some and not self._learning

    def hint(self) -> str:
        """Say what is missing."""
        if self.session.project is None:
            return _("No project is open.")
        if self._usable() and not self.session.state.dataset_version:
            return _("Accept your examples first.")
        return "" if self._usable() else _("Judge some answers first, here or in the chat.")

    def is_busy(self) -> bool:
        """Return whether examples are being made."""
        return self._learning

    def begins_with_verb(self) -> bool:
        """Begin with the server."""
        return False

    def enter(self) -> None:
        """Read the record, and again while the page is shown."""
        self._server_changed()
        self._poller.switch(on=True)

    def leave(self) -> None:
        """Read nothing while another page is shown."""
        self._poller.switch(on=False)

    def _next_look(self) -> Callable[[], Seen] | None:
        project, seen = self.session.project, self._seen
        if project is None or self.session.read_only:
            return None
        version = self.session.state.dataset_version
        return lambda: look_at(project, version, seen)

    def _look_failed(self, error: UserFacingError) -> None:
        """Say it once."""
        self._poller.switch(on=False)
        self.failed.emit(error)

    def _look(self) -> None:
        look = self._next_look()
        if look is not None:
            self._tasks.start("look", look, self._show, self.failed.emit)

    def _show(self, seen: Seen) -> None:
        first = self._seen is None or self._seen.runs != seen.runs
        self._seen = seen
        self.record.show_settings(seen.settings)
        self.record.show_record(seen.counts, seen.times)
        self.review.show_uses(seen.to_review)
        self.unlike.show_found(seen.unlike)
        self.comparison.look(self.session.require_project(), seen.runs)
        if first and seen.runs:
            self.control.examine(self.session.require_project(), seen.runs)
        self._server_changed()

    def _usable(self) -> int:
        seen = self._seen
        return seen.counts.usable if seen is not None and seen.counts is not None else 0

    def _server_changed(self) -> None:
        seen = self._seen
        self.server.show_control(self.control, some=bool(seen is not None and seen.runs))
        self.changed.emit()

    def switch_server(self) -> None:
        """Start the server, or end it."""
        if self.control.state == "on":
            self.control.end()
        elif self._seen is not None:
            self.corrected.emit()
            self.control.start(self.session.require_project(), self._seen.runs)

    def look_at_server(self) -> None:
        """Find out what would answer and what it takes, also while the page is not shown."""
        if self._seen is None:
            self._look()

    def can_serve(self) -> bool:
        """Return whether there is a fine-tune to ask."""
        return self._seen is not None and bool(self._seen.runs)

    def _change_settings(self, settings: RecordSettings) -> None:
        project = self.session.require_project()
        self._do("settings", lambda: set_record(project, settings))

    def _ask_to_forget(self) -> None:
        project = self.session.require_project()

        def forget() -> None:
            with UseRecord(project) as record:
                record.forget()

        self.asked.emit(
            Question(
                _("Delete everything that was recorded in this project?"),
                _("Examples that were made of it are kept. This cannot be undone."),
                (
                    (_("Keep the record"), lambda: None),
                    (_("Delete the record"), lambda: self._do("forget", forget)),
                ),
            )
        )

    def _mark(self, use: int, mark: Mark, text: str) -> None:
        project = self.session.require_project()

        def write() -> None:
            with UseRecord(project) as record:
                record.mark(use, mark, text)

        self._do(_mark_of(use), write)

    def _unmark(self, use: int) -> None:
        project = self.session.require_project()

        def write() -> None:
            with UseRecord(project) as record:
                record.unmark(use)

        self._do(_mark_of(use), write)

    def _do(self, name: str, work: Callable[[], None]) -> None:
        self._tasks.start(name, work, lambda _none: self._look(), self.failed.emit)

    def apply(self) -> None:
        """Make examples of the judged answers."""
        project = self.session.require_project()
        folder = project.version_folder(self.session.state.dataset_version)
        self._learning = True
        self._tasks.start(
            "learn",
            lambda: learn_from_use(project, DatasetVersion.load(folder)),
            self._learned,
            self._not_learned,
        )
        self.changed.emit()

    def _learned(self, learned: Learned) -> None:
        self._learning = False
        if learned.added:
            self.session.give(dataset_version=learned.version.content_hash)
        self.told.emit(learned_in_words(learned.added, learned.held_out, learned.known))
        self._look()

    def _not_learned(self, error: UserFacingError) -> None:
        self._learning = False
        self.failed.emit(error)
        self.changed.emit()

    def undo(self) -> None:
        """Take the last judgement back."""
        self.review.undo()

    def hand_over(self) -> object | None:
        """Let the same page, built again, continue with the server."""
        if self.control.state == "off":
            return None
        control = self.control
        control.changed.disconnect()
        control.failed.disconnect()
        control.setParent(None)
        self.control = ServerControl(self)
        return control

    def take_over(self, matter: object) -> None:
        """Continue with the server of the page before."""
        if isinstance(matter, ServerControl):
            self._follow(matter)

    def shut_down(self) -> None:
        """End the server and let go of the threads."""
        self._poller.shut_down()
        self.comparison.shut_down()
        self.lessons.shut_down()
        self.control.shut_down()
        self._tasks.shut_down()


def _mark_of(use: int) -> str:
    return f"mark {use}"  # not shown: a task's name
