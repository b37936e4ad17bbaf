"""The one window: steps at the left, the page at the right, Back and one button below."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.errors import UserFacingError
from core.language import _
from core.project import RunFolder
from core.wizard import Step, is_open, previous_step, resting_step, where_left
from gui.input.keyboard import Keyboard
from gui.kit.theme import application, apply_theme
from gui.kit.window_place import geometry_of
from gui.shell.activity.live import LiveState
from gui.shell.arranged_window import ArrangedWindow
from gui.shell.closing import Closing
from gui.shell.closing_dialog import ClosingChoice
from gui.shell.first_focus import FirstFocus
from gui.shell.help.overlays import Overlays
from gui.shell.localisation import localise
from gui.shell.page_stack import OUTSIDE, PAGES, page_failed
from gui.shell.training_news import TrainingNews
from gui.wizard.page import NewProject, Page, Place
from gui.wizard.session import Session


class WizardWindow(ArrangedWindow):
    """Shows the page of the session's current step, or one outside the steps.

    Attributes:
        news: what happens to the project's runs.
        closing: what happens to a run when the window is closed.
        went_to_tray: it has hidden itself.
    """

    went_to_tray = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._shown: Page | None = None
        self.closing = Closing(session, self)
        self.news = TrainingNews(self)
        self.news.watch(session.project)
        self.keyboard = Keyboard(self, self._home)
        self._first_focus = FirstFocus(
            self, self.keyboard, lambda: self.footer.primary, lambda: self._shown
        )
        self._undo_key = QShortcut(QKeySequence.StandardKey.Undo, self, self._undo)
        self.live = LiveState(self.news, self)
        self.overlays = Overlays(self, self)
        self._build()
        self.place()
        session.state_changed.connect(self._refresh)
        session.project_changed.connect(self._forget_pages)
        session.look_changed.connect(self.restyle)
        self._show_first(session.state.current)
        self._look_for_unfinished()

    def _build(self) -> None:
        self.lay_out()
        sidebar, session = self.sidebar, self.session
        sidebar.steps.chosen.connect(self.show_step)
        for place, button in sidebar.places.items():
            button.clicked.connect(lambda _on=False, place=place: self.show_place(place))
        sidebar.project_chosen.connect(self.open_project)
        sidebar.begin_chosen.connect(self.begin_project)
        sidebar.start_chosen.connect(lambda: self.show_step(Step.START))
        sidebar.activity.run_chosen.connect(lambda: self.show_step(Step.TRAINING))
        sidebar.activity.work_chosen.connect(self.show_step)
        sidebar.activity.project_chosen.connect(self.open_project)
        sidebar.activity.downloads_chosen.connect(lambda: self.show_step(Step.BASE_MODEL))
        self.live.show_in(sidebar.steps, sidebar.activity, session.project)
        self.footer.back.clicked.connect(self._go_back)
        self.footer.primary.clicked.connect(lambda: self._do(lambda page: page.apply()))
        self.footer.secondary.clicked.connect(lambda: self._do(lambda page: page.apply_secondary()))
        self.overlays.serve(sidebar)
        self.ownership.asked_again.connect(self.take_over)
        self.offer.resumed.connect(self._resume)
        self.offer.queue_started.connect(self._start_queue)
        self.offer.found.connect(self._refresh)
        self.overlays.engine_changed.connect(self.engine.look)

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return self._shown

    def show_step(self, step: Step) -> None:
        """Go to ``step`` and show its page."""
        try:
            self.session.go_to(step)
        except UserFacingError as error:
            self.message.say_error(error)
            return
        self._show(PAGES[step])

    def _show_first(self, step: Step) -> None:
        """The window comes up whatever a project holds; on the first page, if its own fails."""
        try:
            self.show_step(step)
        except Exception:
            failed = page_failed(traceback.format_exc())
            self._shown = None
            self._show(PAGES[Step.START])
            self.message.say_error(failed)

    def show_place(self, place: Place) -> None:
        """Show a page that is no step."""
        self._show(OUTSIDE[place])

    def open_project(self, root: Path) -> None:
        """Open another project where it was left."""
        try:
            self.session.open_project(root)
        except UserFacingError as error:
            self.message.say_error(error)
            return
        self.show_step(where_left(self.session.state))

    def page_of(self, place: Place) -> Page:
        """Return a page that is no step, made now if need be, without showing it."""
        return self._pages.made(OUTSIDE[place]) or self._make(OUTSIDE[place])

    def begin_project(self) -> None:
        """Ask for the name of a new project."""
        self.send(Step.START, NewProject())

    def _show(self, place: str) -> None:
        if self._shown is not None:
            self._shown.leave()
        self.message.hide()
        self.toast.leave_behind()
        page = self._pages.made(place) or self._make(place)
        self._shown = page
        self.turn_to(page)
        # A page without it may have a key of its own: two of them would do nothing.
        self._undo_key.setEnabled(type(page).undo is not Page.undo)
        page.enter()
        page.switch_writing(on=not self.session.read_only)
        self._refresh()
        self._first_focus.begin_on(page)

    def _home(self) -> QWidget:
        return self._shown or self.centralWidget() or self

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go where Tab goes; also called by Qt for a button that hides or greys itself."""
        return self.keyboard.move(forward=forward)

    def _undo(self) -> None:
        if self._shown is not None and not self.session.read_only:
            self._shown.undo()

    def _make(self, place: str) -> Page:
        page = self._pages.make(place)
        page.changed.connect(self._refresh)
        page.finished.connect(self._finished)
        page.failed.connect(self.message.say_error)
        page.corrected.connect(self.message.hide_problem)
        page.told.connect(self.toast.say)
        page.noted.connect(lambda text: self.message.say("good", text))
        page.offered.connect(self.toast.say)
        page.sent.connect(self.send)
        page.submitted.connect(self.footer.primary.click)
        page.asked.connect(self.message.ask)
        page.awaited.connect(lambda: self.keyboard.wait_for(self.footer.primary, page))
        return page

    def _forget_pages(self) -> None:
        """Forget the pages of another project; the page that opened this one stays."""
        self.news.watch(self.session.project)
        self.live.watch(self.session.project)
        self._look_for_unfinished()
        self._pages.forget_all_but(self._shown)

    def _look_for_unfinished(self) -> None:
        session = self.session
        self.offer.look_at(None if session.read_only else session.project)

    def send(self, to: Step | Place, matter: object) -> None:
        """Go to a page and give it what it is to do there."""
        place = OUTSIDE[to] if isinstance(to, Place) else PAGES[to]
        if isinstance(to, Place):
            self.show_place(to)
        else:
            self.show_step(to)
        if self._shown is not None and self._pages.place_of(self._shown) == place:
            self._shown.receive(matter)

    def _resume(self, run: RunFolder) -> None:
        self.send(Step.TRAINING, run)

    def _start_queue(self) -> None:
        self.show_step(Step.TRAINING)
        if self._pages.place_of(self._shown) == PAGES[Step.TRAINING]:
            self._shown.control.start()  # type: ignore[union-attr]

    def restyle(self) -> None:
        """Build everything again in the language, colours and text size of the preferences."""
        settings = self.session.settings
        shown = self._pages.place_of(self._shown)
        if self._shown is not None:
            self._shown.leave()
        localise(application())
        apply_theme(application(), settings.appearance, settings.text_scale)
        under_way = self._pages.hand_over()
        self._pages.shut_down()
        offered = self.offer.stands()
        self.offer.shut_down()
        self._shown = None
        self._build()
        for place, matter in under_way.items():
            self._make(place).take_over(matter)
        if shown in OUTSIDE.values():
            self._show(shown)
        else:
            self.show_step(resting_step(self.session.state))
        if offered:
            self._look_for_unfinished()

    def _refresh(self) -> None:
        page = self._shown
        if page is None:
            return
        if page.goes_on():
            self.offer.withdraw()
        found = self.offer.unfinished
        self.offer.show_beside(said_there=found is not None and page.says_unfinished(found))
        self.show_around(page)

    def _do(self, verb: Callable[[Page], None]) -> None:
        """Do what a button of the footer says."""
        if self._shown is None:
            return
        self.message.hide()
        try:
            verb(self._shown)
        except UserFacingError as error:
            self.message.say_error(error)
        self._refresh()

    def take_over(self) -> None:
        """Own the project if the other window or command has let it go."""
        if self.session.take_over():
            self.show_step(self.session.state.current)
            self.toast.say(_("You can change this project again."))
        else:
            self.message.say("neutral", _("The project is still open elsewhere."))

    def _finished(self) -> None:
        page = self._shown
        if page is None or page is not self.sender():
            return
        if not page.is_step():
            self.show_step(resting_step(self.session.state))
            return
        step = page.next()
        if step is not None and is_open(self.session.state, step):
            self.show_step(step)

    def _go_back(self) -> None:
        page = self._shown
        if page is None:
            return
        step = previous_step(page.step) if page.is_step() else resting_step(self.session.state)
        if step is not None:
            self.show_step(step)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what happens to a run; stay in the tray while it continues, or let go."""
        choice = self.closing.choice()
        if choice is ClosingChoice.STAY:
            event.ignore()
            return
        if self._shown is not None:
            self._shown.leave()
        self.session.change_settings(geometry=geometry_of(self))
        if self.closing.hides(choice):
            event.ignore()
            self.hide()
            self.went_to_tray.emit()
            return
        self.shut_down()
        event.accept()

    def shut_down(self) -> None:
        """Stop following jobs and give the project back; jobs themselves continue."""
        self.news.shut_down()
        self.live.shut_down()
        self.offer.shut_down()
        self._pages.shut_down()
        self.session.close()
