"""What the window is made of, and where it stands."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from core.wizard import previous_step
from gui.installation.offer import EngineOffer
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon
from gui.kit.labels import label
from gui.kit.look.column import Column
from gui.kit.look.motion import crossfade
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Space
from gui.kit.window_place import place_window
from gui.shell.footer import Footer
from gui.shell.ownership import Ownership
from gui.shell.page_stack import PageStack
from gui.shell.resume_offer import ResumeOffer
from gui.shell.sidebar import Sidebar
from gui.shell.toast import Toast
from gui.wizard.page import Page
from gui.wizard.session import Session


class ArrangedWindow(QMainWindow):
    """The sidebar at the left; above the page what must be known, then its headline.

    Attributes:
        message: what cannot wait, above the page.
        toast: what may pass, over the page.
        offer: to resume what was left unfinished.
        engine: to install the library that trains.
        ownership: says that somebody else has the project open.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setWindowTitle("Homelab Tuner")  # not shown as a sentence: the product's name
        self.setWindowIcon(icon("app"))

    def place(self) -> None:
        """Stand where the window stood the last time."""
        place_window(self, self.session.settings.geometry)

    def lay_out(self) -> None:
        """Make every part anew, in the present language and look."""
        self.sidebar = Sidebar()
        self.sidebar.fit(self.width())
        self.footer = Footer()
        self.message = MessageBar()
        self.ownership = Ownership()
        self.offer = ResumeOffer()
        self.engine = EngineOffer()
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

    def turn_to(self, page: Page) -> None:
        """Let the page be seen, with everything around it as wide as it is."""
        for around in (self._head, self.footer):
            around.set_limit(page.limit or page.column)
        crossfade(self._pages, self._pages)
        self._pages.setCurrentWidget(page)

    def show_around(self, page: Page) -> None:
        """Show what the page is about, where it stands, and what its buttons do."""
        session, outside = self.session, not page.is_step()
        self.sidebar.show_state(
            session.project, session.state, elsewhere=outside, recent=session.settings.recent
        )
        self._title.setText(page.title())
        self._subtitle.setText(page.subtitle())
        self._subtitle.setVisible(bool(page.subtitle()))
        writes = not session.read_only or page.works_read_only()
        back = outside or previous_step(page.step) is not None
        self.footer.show_page(page, writes=writes, back=back)
        self.ownership.show_state(read_only=session.read_only)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the page its room."""
        super().resizeEvent(event)
        self.sidebar.fit(event.size().width())
