"""The pages one upon the other: each is made when it is first shown, and then kept."""

from __future__ import annotations

import importlib

from PySide6.QtWidgets import QStackedWidget

from core.errors import UserFacingError
from core.language import _
from core.wizard import Step
from gui.wizard.page import Page, Place
from gui.wizard.session import Session

# Pages are imported when they are first shown: the window comes up without the plots.
PAGES = {
    Step.START: "gui.start.page:StartPage",
    Step.EXAMPLES: "gui.examples.page:ExamplesPage",
    Step.BASE_MODEL: "gui.base_model.page:BaseModelPage",
    Step.SETTINGS: "gui.settings.page:SettingsPage",
    Step.TRAINING: "gui.training.page:TrainingPage",
    Step.COMPARISON: "gui.comparison.page:ComparisonPage",
    Step.SAVING: "gui.saving.page:SavingPage",
}
OUTSIDE = {
    Place.LIBRARY: "gui.library.page:LibraryPage",
    Place.CHAT: "gui.chat.page:ChatPage",
    Place.DAILY_USE: "gui.daily_use.page:DailyUsePage",
}


class PageStack(QStackedWidget):
    """Makes pages, and forgets them with their project."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._pages: dict[str, Page] = {}

    def made(self, place: str) -> Page | None:
        """Return the page of a place as in ``PAGES`` or ``OUTSIDE``, if it was made already."""
        return self._pages.get(place)

    def place_of(self, page: Page | None) -> str:
        """Return where a page stands, ``""`` for none."""
        return next((place for place, made in self._pages.items() if made is page), "")

    def make(self, place: str) -> Page:
        """Make the page of a place."""
        module, _, name = place.partition(":")
        page: Page = getattr(importlib.import_module(module), name)(self._session)
        page.setAccessibleName(page.title())
        self._pages[place] = page
        self.addWidget(page)
        return page

    def forget_all_but(self, kept: Page | None) -> None:
        """Let go of the pages of another project."""
        for place, page in list(self._pages.items()):
            if page is not kept:
                page.shut_down()
                self.removeWidget(page)
                page.deleteLater()
                del self._pages[place]

    def hand_over(self) -> dict[str, object]:
        """Return what is under way on each page, by place, for pages that are built again."""
        found = {place: page.hand_over() for place, page in self._pages.items()}
        return {place: matter for place, matter in found.items() if matter is not None}

    def shut_down(self) -> None:
        """Let every page stop what it follows."""
        for page in self._pages.values():
            page.shut_down()


def page_failed(details: str) -> UserFacingError:
    """Return what is said when a page cannot be made."""
    return UserFacingError(
        "window.page_failed",
        _("The page that you last used in this project cannot be shown."),
        _(
            "Choose another step. If this happens again with a project of your own, report it "
            "with the details below."
        ),
        details,
    )
