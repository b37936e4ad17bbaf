"""The one window: steps at the left, the page at the right, Back and one button below."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QMainWindow, QWidget

from core.errors import UserFacingError
from core.language import _
from core.project import RunFolder
from core.wizard import Step, is_open, previous_step, resting_step, where_left
from gui.input.keyboard import Keyboard
from gui.installation.offer import EngineOffer
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon
from gui.kit.labels import label
from gui.kit.look.column import Column
from gui.kit.look.motion import crossfade
from gui.kit.look.sizes import READING
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Space, application, apply_theme
from gui.kit.window_place import geometry_of, place_window
from gui.shell.activity.live import LiveState
from gui.shell.closing import Closing
from gui.shell.closing_dialog import ClosingChoice
from gui.shell.footer import Footer
from gui.shell.help.overlays import Overlays
from gui.shell.localisation import localise
from gui.shell.ownership import Ownership
from gui.shell.page_stack import OUTSIDE, PAGES, PageStack, page_failed
from gui.shell.resume_offer import ResumeOffer
from gui.shell.sidebar import Sidebar
from gui.shell.toast import Toast
from gui.shell.training_news import TrainingNews
from gui.wizard.page import NewProject, Page, Place
from gui.wizard.session import Session


class WizardWindow(QMainWindow):
    """Shows the page of the session's current step, or one outside the steps.

    Attributes:
        news: what happens to the project's runs.
        closing: what happens to a run when the window is closed.
        went_to_tray: it has hidden itself.
    """

    went_to_tray = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._shown: Page | None = None
        self.closing = Closing(session, self)
        self.news = TrainingNews(self)
        self.news.watch(session.project)
        self.keyboard = Keyboard(self, self._home)
        self._was_active = False
        self.setWindowTitle("Homelab Tuner")  # not shown as a sentence: the product's name
        self.setWindowIcon(icon("app"))
        self._undo_key = QShortcut(QKeySequence.StandardKey.Undo, self, self._undo)
        self.live = LiveState(self.news, self)
        self.overlays = Overlays(self, self)
        self._build()
        place_window(self, session.settings.geometry)
        session.state_changed.connect(self._refresh)
        session.project_changed.connect(self._forget_pages)
        session.look_changed.connect(self.restyle)
        self._show_first(session.state.current)
        self._look_for_unfinished()

    def _build(self) -> None:
        self.sidebar = Sidebar()
        self.sidebar.fit(self.width())
        self.sidebar.steps.chosen.connect(self.show_step)
        for place, button in self.sidebar.places.items():
            button.clicked.connect(lambda _on=False, place=place: self.show_place(place))
        self.sidebar.project_chosen.connect(self.open_project)
        self.sidebar.begin_chosen.connect(self.begin_project)
        self.sidebar.start_chosen.connect(lambda: self.show_step(Step.START))
        self.sidebar.activity.run_chosen.connect(lambda: self.show_step(Step.TRAINING))
        self.sidebar.activity.downloads_chosen.connect(lambda: self.show_step(Step.BASE_MODEL))
        self.live.show_in(self.sidebar.steps, self.sidebar.activity, self.session.project)
        self.footer = Footer()
        self.footer.back.clicked.connect(self._go_back)
        self.footer.primary.clicked.connect(lambda: self._do(lambda page: page.apply()))
        self.footer.secondary.clicked.connect(lambda: self._do(lambda page: page.apply_secondary()))
        self.overlays.serve(self.sidebar)
        self.message = MessageBar()
        self.ownership = Ownership()
        self.ownership.asked_again.connect(self.take_over)
        self.offer = ResumeOffer()
        self.offer.resumed.connect(self._resume)
        self.offer.queue_started.connect(self._start_queue)
        self.offer.found.connect(self._refresh)
        self.engine = EngineOffer()
        self.overlays.engine_changed.connect(self.engine.look)
        self._title = label("", "title")
        self._subtitle = label("", "muted")
        self._pages = PageStack(self.session)
        self._head = Column()
        above = (self.ownership, self.engine, self.offer, self._title, self._subtitle, self.message)
        vbox(*above, on=self._head, margins=(0, Space.HUGE, 0, Space.SMALL), spacing=Space.SMALL)
        beside, centre = QWidget(), QWidget()
        vbox(self._head, (self._pages, 1), self.footer, on=beside, margins=0, spacing=0)
        hbox(self.sidebar, (beside, 1), on=centre, margins=0, spacing=0)
        self.setCentralWidget(centre)
        self.toast = Toast(beside)
        self.engine.look()

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
        page = self._pages.made(place) or self._make(place)
        self._shown = page
        for around in (self._head, self.footer):
            around.set_limit(page.limit or READING)
        crossfade(self._pages, self._pages)
        self._pages.setCurrentWidget(page)
        # A page without it may have a key of its own: two of them would do nothing.
        self._undo_key.setEnabled(type(page).undo is not Page.undo)
        page.enter()
        page.switch_writing(on=not self.session.read_only)
        self._refresh()
        self._focus(page)

    def _focus(self, page: Page) -> None:
        """Start where the user will most likely continue."""
        primary = self.footer.primary
        if page.begins_with_verb() and primary.isEnabled() and not primary.isHidden():
            primary.setFocus()
        elif page.is_busy() or not page.focus_first():
            # On no button: one Return too many would go back.
            self.keyboard.wait_for(primary if page.begins_with_verb() else None, page)

    def changeEvent(self, event: QEvent) -> None:
        """Begin on the page when the window comes up; Qt would begin with the first step."""
        super().changeEvent(event)
        is_first = event.type() is QEvent.Type.ActivationChange and not self._was_active
        if is_first and self.isActiveWindow():
            self._was_active = True
            QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        page, now = self._shown, self.focusWidget()
        inside = page is not None and now is not None and page.isAncestorOf(now)
        if page is not None and now is not self.footer.primary and not inside:
            self._focus(page)

    def _home(self) -> QWidget:
        return self._shown or self.centralWidget() or self

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the page its room."""
        super().resizeEvent(event)
        self.sidebar.fit(event.size().width())

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
        page.failed.connect(self._failed)
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
        page, session = self._shown, self.session
        if page is None:
            return
        outside = not page.is_step()
        if page.goes_on():
            self.offer.withdraw()
        found = self.offer.unfinished
        self.offer.show_beside(said_there=found is not None and page.says_unfinished(found))
        self.sidebar.show_state(
            session.project, session.state, elsewhere=outside, recent=session.settings.recent
        )
        self._title.setText(page.title())
        self._subtitle.setText(page.subtitle())
        self._subtitle.setVisible(bool(page.subtitle()))
        writes = not session.read_only or page.works_read_only()
        self.footer.show_page(
            page, writes=writes, back=outside or previous_step(page.step) is not None
        )
        self.ownership.show_state(read_only=session.read_only)

    def _do(self, verb: Callable[[Page], None]) -> None:
        """Do what a button of the footer says."""
        if self._shown is None:
            return
        self.message.hide()
        try:
            verb(self._shown)
        except UserFacingError as error:
            self._failed(error)
        self._refresh()

    def take_over(self) -> None:
        """Own the project if the other window or command has let it go."""
        if self.session.take_over():
            self.show_step(self.session.state.current)
            self.toast.say(_("You can change this project again."))
        else:
            self.message.say("neutral", _("The project is still open elsewhere."))

    def _failed(self, error: UserFacingError) -> None:
        self.message.say_error(error)

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


def bring_to_front(window: WizardWindow) -> None:
    """Show the window above all others."""
    window.closing.stay()
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
