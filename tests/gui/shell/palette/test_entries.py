from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.shell.help.keys import HelpSheet
from gui.shell.how_tos.texts import HOW_TOS
from gui.shell.palette.dialog import Palette
from gui.shell.palette.entries import entries_of
from gui.shell.window import WizardWindow
from gui.wizard.session import Session


@pytest.fixture
def window(ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
    made = WizardWindow(ready_session)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.shut_down()
    made.close()


def entry(window: WizardWindow, name: str):  # type: ignore[no-untyped-def]
    return next(found for found in entries_of(window) if found.name == name)


def test_only_what_can_be_done_now_is_offered(window: WizardWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.footer.primary.isEnabled)
    names = [found.name for found in entries_of(window)]
    assert {"Start", "Examples", "Base model", "Settings", "Chat", "Library"} <= set(names)
    assert "Comparison" not in names
    assert window.footer.primary.text() == names[0]


def test_pages_places_and_looks_are_gone_to(window: WizardWindow) -> None:
    entry(window, "Start").do()
    assert window.session.state.current is Step.START
    entry(window, "Library").do()
    assert window.page.title() == "Library"
    entry(window, "Dark").do()
    assert window.session.settings.appearance == "dark"
    entry(window, "Light").do()


def test_a_setting_is_shown_where_it_is(window: WizardWindow, qtbot: QtBot) -> None:
    entry(window, "Dropout").do()
    editor = window.page.editor.rows["dropout"].editor
    qtbot.waitUntil(editor.isVisible)
    qtbot.waitUntil(editor.hasFocus)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("undo", "Undo or get back"),
        ("delete", "Delete fine-tunes or base models"),
        ("remove", "Delete fine-tunes or base models"),
        ("whatsapp", "Use chats or mails"),
        ("help", "How-tos, keys and words"),
        ("export", "Use your model elsewhere"),
        ("folder", "Open the project's folder"),
        ("import", "Use your own table"),
        ("excel", "Use your own table"),
        ("pdf", "Use documents"),
        ("phone", "Use your model elsewhere"),
        ("restore", "Undo or get back"),
        ("sleep", "Train over night"),
        ("gpu", "Without a graphics card"),
        ("theme", "Preferences"),
        ("hugging", "Base model"),
    ],
)
def test_what_people_type_finds_what_they_mean(
    window: WizardWindow, typed: str, wanted: str
) -> None:
    palette = Palette(entries_of(window), window)
    palette.field.setText(typed)
    shown = [palette.list.item(row).text() for row in range(min(4, palette.list.count()))]
    assert any(line.startswith(wanted) for line in shown)


def test_a_how_to_opens_in_the_help(window: WizardWindow) -> None:
    named = next(how_to for how_to in HOW_TOS if how_to.key == "night").named()
    entry(window, named).do()
    sheet = window.findChild(HelpSheet)
    assert [key for key, fold in sheet.how_tos.items() if fold.is_open()] == ["night"]
    sheet.reject()
