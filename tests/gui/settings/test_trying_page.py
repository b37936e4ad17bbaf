from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from gui.settings.page import SettingsPage
from gui.settings.trying_page import PROMPTS
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], SettingsPage]


def test_one_thing_is_tried_at_a_time_and_named(
    ready_session: Session, open_page: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(SettingsPage, ready_session)
    scenes.until(qtbot, lambda: page.plan is not None)
    started: list[str] = []
    monkeypatch.setattr(
        page, "_job", SimpleNamespace(
            run=lambda folder, _phase, _params: started.append(folder.name),
            is_running=lambda: bool(started), cancel=lambda: None, let_go=lambda: None,
        ),
    )  # fmt: skip
    page.run_trial()
    assert started[0].startswith("trial-")
    assert page.waits_in_words().startswith("Wait for the trial")
    page.try_prompts()
    assert len(started) == 1, "the trial is still running"
    started.clear()
    page.try_prompts()
    assert started[0].startswith(f"{PROMPTS}-")
    assert page.waits_in_words().startswith("Wait until the base model has answered")
