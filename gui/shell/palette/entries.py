"""What the palette offers: pages, what can be done, how-tos, settings, projects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from core.language import N_, _
from core.wizard import Step, is_open
from gui.shell.footer import Footer
from gui.shell.how_tos.texts import HOW_TOS
from gui.shell.toast import Toast
from gui.wizard.page import Page, Place
from gui.wizard.session import Session
from gui.wizard.step_names import NAMES

PLACES = {
    Place.CHAT: N_("Chat"),
    Place.DAILY_USE: N_("Daily use"),
    Place.LIBRARY: N_("Library"),
}
PICTURES = {
    Step.START: "start",
    Step.EXAMPLES: "examples",
    Step.BASE_MODEL: "model",
    Step.SETTINGS: "settings",
    Step.TRAINING: "training",
    Step.COMPARISON: "compare",
    Step.SAVING: "save",
    Place.CHAT: "chat",
    Place.DAILY_USE: "record",
    Place.LIBRARY: "library",
}
_WORDS = {  # what people type who do not know what a page is called
    Step.START: N_("home projects sample folder hardware doctor"),
    Step.EXAMPLES: N_("data file import table excel whatsapp mail documents rows"),
    Step.BASE_MODEL: N_("download hub hugging face llama qwen choose"),
    Step.SETTINGS: N_("presets trial options epochs"),
    Step.TRAINING: N_("run start progress curve pause stop"),
    Step.COMPARISON: N_("rate blind scores test evaluate result"),
    Step.SAVING: N_("export save gguf ollama lm studio python share phone"),
    Place.CHAT: N_("ask talk try question conversation"),
    Place.DAILY_USE: N_("server api openai record programs"),
    Place.LIBRARY: N_("fine-tunes runs restore archive rename duplicate notes"),
}
_LOOKS = (
    (N_("Same as system"), "system"),
    (N_("Light"), "light"),
    (N_("Dark"), "dark"),
    (N_("High contrast"), "contrast"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette.

    Attributes:
        name: what it is called.
        do: what happens when it is chosen.
        picture: its icon.
        beside: what kind of thing it is, in grey words behind the name.
        words: more that it is found by.
    """

    name: str
    do: Callable[[], object]
    picture: str
    beside: str = ""
    words: str = ""

    def shown(self) -> str:
        """Return the line."""
        return f"{self.name}  ·  {self.beside}" if self.beside else self.name


class Openers(Protocol):
    """What lies over the window when it is asked for."""

    def show_preferences(self) -> None:
        """Open the preferences."""

    def show_help(self) -> None:
        """Show how-tos, keys and words."""

    def show_how_to(self, key: str) -> None:
        """Show one of the how-tos."""

    def show_tour(self) -> None:
        """Show the tour."""

    def show_about(self) -> None:
        """Show the version."""

    def show_updates(self) -> None:
        """Show the dialog about new versions."""


class Frame(Protocol):
    """The window, as far as the palette must know it."""

    session: Session
    footer: Footer
    toast: Toast

    @property
    def page(self) -> Page | None:
        """The page that is shown."""

    @property
    def overlays(self) -> Openers:
        """What can be opened."""

    def show_step(self, step: Step) -> None:
        """Go to a step."""

    def show_place(self, place: Place) -> None:
        """Show a page that is no step."""

    def open_project(self, root: Path) -> None:
        """Open another project."""

    def begin_project(self) -> None:
        """Ask for the name of a new project."""

    def send(self, to: Step | Place, matter: object) -> None:
        """Go to a page with something to do."""


def entries_of(window: Frame) -> list[Entry]:
    """Return everything that can be reached or done now."""
    return [
        *_actions_here(window),
        *_pages(window),
        *_projects(window),
        *_actions(window),
        *_how_tos(window),
        *_settings(window),
    ]


def _actions_here(window: Frame) -> Iterator[Entry]:
    """What the buttons of the page's lower end do."""
    for button in (window.footer.primary, window.footer.secondary):
        if not button.isHidden() and button.isEnabled():
            yield Entry(button.text(), button.click, "right", _("on this page"))
    page = window.page
    if page is not None and type(page).undo is not Page.undo and not window.session.read_only:
        words = _("take back revert mistake")
        yield Entry(_("Undo"), page.undo, "undo", _("on this page"), f"Ctrl+Z {words}")


def _pages(window: Frame) -> Iterator[Entry]:
    for step in Step:
        if is_open(window.session.state, step):
            show = partial(window.show_step, step)
            yield Entry(_(NAMES[step]), show, PICTURES[step], "", _(_WORDS[step]))
    for place, name in PLACES.items():
        show = partial(window.show_place, place)
        yield Entry(_(name), show, PICTURES[place], "", _(_WORDS[place]))


def _projects(window: Frame) -> Iterator[Entry]:
    project = window.session.project
    for path in window.session.settings.recent:
        if project is None or Path(path) != project.root:
            do = partial(window.open_project, Path(path))
            yield Entry(Path(path).name, do, "folder", _("project"), path)


def _actions(window: Frame) -> Iterator[Entry]:
    session = window.session
    yield Entry(_("New project"), window.begin_project, "new", "", _("create begin"))
    if session.project is not None:
        place = QUrl.fromLocalFile(str(session.project.root))
        yield Entry(
            _("Open the project's folder"), partial(QDesktopServices.openUrl, place), "folder"
        )
    clear = _("Delete fine-tunes or base models")
    words = _("remove free disk space bin")
    yield Entry(clear, partial(window.show_place, Place.LIBRARY), "delete", "", words)
    words = _("options language theme size proxy price heat")
    show = window.overlays.show_preferences
    yield Entry(_("Preferences"), show, "preferences", "", f"Ctrl+, {words}")
    words = _("help manual guide keyboard glossary")
    show = window.overlays.show_help
    yield Entry(_("How-tos, keys and words"), show, "help", "", f"F1 {words}")
    yield Entry(_("Show the tour"), window.overlays.show_tour, "tour")
    yield Entry(_("About Homelab Tuner"), window.overlays.show_about, "info")
    yield Entry(_("New versions …"), window.overlays.show_updates, "info")
    for name, look in _LOOKS:
        if look != session.settings.appearance:
            do = partial(session.change_settings, appearance=look)
            yield Entry(_(name), do, "preferences", _("colours"))


def _how_tos(window: Frame) -> Iterator[Entry]:
    for how_to in HOW_TOS:
        do = partial(window.overlays.show_how_to, how_to.key)
        yield Entry(how_to.named(), do, "help", _("how-to"), _(how_to.words))


def _settings(window: Frame) -> Iterator[Entry]:
    if not is_open(window.session.state, Step.SETTINGS):
        return
    from core.planning.explanations import EXPLANATIONS  # the window is shown before this is loaded

    for name, explanation in EXPLANATIONS.items():
        do = partial(window.send, Step.SETTINGS, name)
        yield Entry(explanation.title, do, "settings", _("setting"), name.replace("_", " "))
