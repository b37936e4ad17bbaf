from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.models.hub.store import models_folder, write_record
from core.models.sample import sample_model_folder
from core.models.whereabouts import remember_base
from core.settings import load_settings
from gui.base_model.page import BaseModelPage
from gui.wizard.session import Session
from tests.core.models.folders import make_model
from tests.core.models.hub.test_store import listing
from tests.gui import scenes

Open = Callable[[type, Session], BaseModelPage]


def test_the_sample_is_offered_with_a_badge_that_has_numbers(
    project_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(BaseModelPage, project_session)
    (card,) = page.cards
    assert card.candidate.folder == sample_model_folder()
    assert card.is_chosen()
    scenes.until(qtbot, lambda: card.level != "unknown")
    assert "GB free" in card._fit.text()
    assert "unpacked once" in page.hint()


def test_while_a_model_is_prepared_it_says_what_comes_next(
    project_session: Session, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(BaseModelPage, project_session)
    monkeypatch.setattr(page._job, "is_running", lambda: True)
    assert page.hint() == "The model is being prepared. The next step opens automatically."


def test_a_model_folder_is_looked_into_kept_and_used(
    project_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_model(tmp_path / "Modelle ü" / "mine")
    page = open_page(BaseModelPage, project_session)
    page.use_folder(folder)
    scenes.until(qtbot, lambda: len(page.cards) == 2)
    assert page.primary_text() == "Use mine"
    assert load_settings().model_folders == (str(folder),)
    with qtbot.waitSignal(page.finished):
        page.apply()
    assert project_session.state.base_model == str(folder)


def test_a_finished_download_is_offered_by_itself(
    project_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    folder = make_model(models_folder() / "Own--Name")
    write_record(folder, listing())
    page = open_page(BaseModelPage, project_session)
    scenes.until(qtbot, lambda: len(page.cards) == 2)
    assert "Own/Name" in {card.candidate.name for card in page.cards}
    assert load_settings().model_folders == ()


def test_the_page_connects_to_nothing(
    project_session: Session, open_page: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, lambda _, address: tried.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: tried.append(address))
    page = open_page(BaseModelPage, project_session)
    scenes.until(qtbot, lambda: page.cards[0].level != "unknown")
    assert tried == []


def test_a_folder_that_holds_no_usable_model_is_refused_with_the_reason(
    project_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    page = open_page(BaseModelPage, project_session)
    with qtbot.waitSignal(page.failed) as failed:
        page.use_folder(tmp_path / "empty")
    assert failed.args[0].code.startswith("model.")
    assert load_settings().model_folders == ()
    assert len(page.cards) == 1


def test_the_choice_is_restored(ready_session: Session, open_page: Open, qtbot: QtBot) -> None:
    ready_session.change_settings(model_folders=(ready_session.state.base_model,))
    page = open_page(BaseModelPage, ready_session)
    scenes.until(qtbot, lambda: page.chosen() is not None)
    assert str(page.chosen().candidate.folder) == ready_session.state.base_model


def test_a_carried_project_finds_its_base_though_it_was_never_trained(
    project_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    base = make_model(tmp_path / "old" / "mine")
    page = open_page(BaseModelPage, project_session)
    page.use_folder(base)
    scenes.until(qtbot, lambda: len(page.cards) == 2)
    page.apply()
    page.shut_down()  # waits for what is being noted
    root = project_session.require_project().root
    project_session.close()
    moved = tmp_path / "andere Maschine" / "Projekt"
    moved.parent.mkdir()
    shutil.move(root, moved)
    shutil.move(base, moved.parent / "modell")
    project_session.change_settings(model_folders=())
    project_session.open_project(moved)
    again = open_page(BaseModelPage, project_session)
    scenes.until(qtbot, lambda: again.chosen() is not None)
    assert again.chosen().candidate.folder == moved.parent / "modell"
    with qtbot.waitSignal(again.finished):
        again.apply()
    assert project_session.state.base_model == str(base), "nothing built on it is forgotten"


def test_a_base_that_is_nowhere_is_told(
    ready_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    project = ready_session.require_project()
    remember_base(project, "/gone/mine", "0" * 64)
    ready_session.give(base_model="/gone/mine")
    page = BaseModelPage(ready_session)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.failed) as failed:
        page.enter()
    assert failed.args[0].code == "model.elsewhere"
    page.shut_down()


def test_a_folder_that_is_gone_is_left_out_silently(
    project_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    project_session.change_settings(model_folders=(str(tmp_path / "gone"),))
    page = open_page(BaseModelPage, project_session)
    with qtbot.assertNotEmitted(page.failed, wait=200):
        pass
    assert len(page.cards) == 1


def test_known_models_say_whether_they_would_fit(
    project_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(BaseModelPage, project_session)
    known = page.get.known
    scenes.until(qtbot, lambda: bool(known.cards and known.cards[0]._badge.text()))
    card = known.cards[0]
    verdict = card._badge.text()
    assert verdict in ("Fits comfortably", "Tight", "Won't fit") or "Takes " in verdict
    assert "GB" in card.fit.text(), "the memory, on the card"
    assert verdict in card.accessibleDescription()
