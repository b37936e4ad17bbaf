from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.models.hub.store import models_folder
from core.wizard import Step
from tests.gui import scenes
from tests.gui.base_model.driving import (
    LEFT,
    SLACK,
    SPACE,
    WEIGHTS,
    Opened,
    agree,
    arrived,
    chosen,
    look_up,
)
from tests.loopback_hub import LoopbackHub, model_files


def test_from_a_link_to_the_chosen_base(
    opened: Opened,
    qtbot: QtBot,
    hub: LoopbackHub,
    large: int,
) -> None:
    window = opened()
    page = window.page
    host = hub.url.removeprefix("http://")
    assert page.get.connect_button.text() == f"Get it from {host} …"
    qtbot.keyClicks(page.get.name, f"{hub.url}/Own/Name")
    card = page.get.known.cards[1]
    qtbot.mouseClick(card, LEFT)
    assert page.get.name.text() == card.entry.hub_id
    assert page.get.connect_button.hasFocus() or not window.isActiveWindow()
    qtbot.wait(300)
    assert hub.seen == [], "nothing connects before the button is pressed"

    look_up(window, qtbot, f"{hub.url}/Own/Name")
    scenes.until(qtbot, page.get.offer.isVisible)
    facts = page.get.offer.facts.text()
    for part in ("Licence: Apache 2.0", "Download: 3 MB in", "GB free now", "Here: "):
        assert part in facts
    assert hub.served[WEIGHTS] < SLACK, "only the heads of the weights"
    qtbot.mouseClick(page.get.offer.download, LEFT)
    (row,) = page.downloads.rows.values()
    assert not page.get.offer.isVisible() and row.isVisible()

    scenes.until(qtbot, arrived(0.3, large))
    qtbot.keyClick(row.pause, SPACE)
    scenes.until(qtbot, row.resume.isVisible)
    assert "You can resume it" in row.note.text()
    served = hub.served[WEIGHTS]
    qtbot.wait(300)
    assert hub.served[WEIGHTS] == served
    hub.pace = 0.025
    qtbot.keyClick(row.resume, SPACE)
    scenes.until(qtbot, lambda: "MB/s, about" in row.note.text())
    hub.pace = 0
    scenes.until(qtbot, lambda: chosen(window) == "Own/Name")
    assert hub.served[WEIGHTS] <= large + SLACK, "nothing twice"
    assert not page.downloads.rows and "every file was verified" in window.toast.what.text()
    assert window.footer.primary.text() == "Use Own/Name"
    qtbot.mouseClick(window.footer.primary, LEFT)
    assert window.session.state.base_model == str(models_folder() / "Own--Name")
    assert window.session.state.current is Step.SETTINGS


def test_without_a_network_it_says_so_and_what_still_works(
    opened: Opened,
    qtbot: QtBot,
    hub: LoopbackHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = opened()
    get = window.page.get
    look_up(window, qtbot, "no model at all")
    assert "That is not" in get.message.what.text() or "lacks the owner" in get.message.what.text()
    look_up(window, qtbot, "Own/Missing")
    scenes.until(qtbot, get.access.isVisible)
    assert "has no model “Own/Missing”" in get.access.what.text()
    assert get.access.token.isVisible()
    seen = len(hub.seen)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    look_up(window, qtbot, "Own/Name")
    scenes.until(qtbot, lambda: "cannot reach" in get.message.what.text())
    assert "Models on this computer can still be used" in get.message.todo.text()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    look_up(window, qtbot, "Own/Name")
    assert "switched off on this computer" in get.message.what.text()
    assert len(hub.seen) == seen


def test_another_version_is_looked_for_although_one_is_here(
    opened: Opened, qtbot: QtBot, hub: LoopbackHub
) -> None:
    hub.add("Own/Name")
    window = opened()
    page = window.page
    agree(window, qtbot, "Own/Name")
    scenes.until(qtbot, lambda: chosen(window) == "Own/Name")
    newest = hub.repos["Own/Name"].add(model_files(seed=3))
    seen = len(hub.seen)
    look_up(window, qtbot, "Own/Name")
    scenes.until(qtbot, page.get.message.isVisible)
    assert "already on this computer" in page.get.message.what.text() and len(hub.seen) == seen
    qtbot.mouseClick(page.get.message._actions[0], LEFT)
    scenes.until(qtbot, page.get.offer.isVisible)
    assert newest[:8] in page.get.offer.facts.text()
    qtbot.mouseClick(page.get.offer.cancel, LEFT)
    look_up(window, qtbot, f"Own/Name@{newest}")
    scenes.until(qtbot, page.get.offer.isVisible)
    page.get.offer.hide()


def test_the_button_names_the_hub_of_the_preferences(opened: Opened, hub: LoopbackHub) -> None:
    window = opened()
    window.session.change_settings(hub_endpoint="https://hub.example")
    assert window.page.get.connect_button.text() == "Get it from hub.example …"
