from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.generation.spec import Ask, Done, Turn
from core.serving.messages import Unloaded
from gui.chat import holder as module
from gui.chat.holder import ModelHolder, Wanted
from tests.gui.chat.fake_model import Openers

WANTED = Wanted(Path("project"), Path("base"), ("train-001", "train-002"))


@pytest.fixture
def openers() -> Openers:
    return Openers()


@pytest.fixture
def holder(
    openers: Openers, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModelHolder]:
    monkeypatch.setattr(module, "_other_work", lambda _wanted: "")
    made = ModelHolder(openers)
    yield made
    made.shut_down()


def ask(name: str = "a") -> Ask:
    return Ask(id=name, messages=(Turn(role="user", content="Hello?"),))


def loaded(holder: ModelHolder, openers: Openers, qtbot: QtBot) -> None:
    holder.ask(WANTED, [ask()])
    openers.last.become_ready()
    qtbot.waitUntil(lambda: holder.state == "ready")
    openers.last.finish()


def test_what_is_loaded_answers_for_each_of_its_fine_tunes(
    holder: ModelHolder, openers: Openers, qtbot: QtBot
) -> None:
    loaded(holder, openers, qtbot)
    holder.ask(Wanted(WANTED.project, WANTED.base, ("train-002",)), [ask("b")])
    assert [asked.id for asked in openers.last.asked] == ["a", "b"]
    assert len(openers.opened) == 1


def test_another_base_is_loaded_in_its_place(
    holder: ModelHolder, openers: Openers, qtbot: QtBot
) -> None:
    loaded(holder, openers, qtbot)
    first = openers.last
    holder.ask(Wanted(WANTED.project, Path("other"), ()), [ask("b")])
    qtbot.waitUntil(lambda: first.closed)
    assert holder.state == "loading"
    assert holder.base == Path("other")
    assert openers.last is not first


def test_what_one_that_was_let_go_still_tells_is_not_heard(
    holder: ModelHolder, openers: Openers, qtbot: QtBot
) -> None:
    heard: list[object] = []
    holder.heard.connect(heard.extend)
    holder.ask(WANTED, [ask()])
    first = openers.last
    holder.unload()
    assert heard == [Done(id="a", reason="cancelled")]
    first.become_ready()
    first.fail()
    holder.look()
    assert holder.state == "off"
    assert len(heard) == 1


def test_an_idle_model_that_let_itself_go_is_loaded_again(
    holder: ModelHolder, openers: Openers, qtbot: QtBot
) -> None:
    loaded(holder, openers, qtbot)
    openers.last.told(Unloaded())
    qtbot.waitUntil(lambda: holder.state == "off")
    holder.ask(WANTED, [ask("b")])
    assert len(openers.opened) == 2


def test_the_timer_rests_when_nothing_is_loaded(
    holder: ModelHolder, openers: Openers, qtbot: QtBot
) -> None:
    loaded(holder, openers, qtbot)
    qtbot.waitUntil(lambda: holder._timer.interval() == 500)
    holder.unload()
    qtbot.waitUntil(lambda: not holder._timer.isActive())


def test_a_fine_tune_that_cannot_be_loaded_does_not_keep_the_others_away(
    holder: ModelHolder, openers: Openers, qtbot: QtBot
) -> None:
    failed: list[object] = []
    holder.failed.connect(failed.append)
    holder.ask(WANTED, [ask().model_copy(update={"model": "train-002"})])
    openers.last.fail("train-001 is damaged.")
    qtbot.waitUntil(lambda: len(openers.opened) == 2)
    assert openers.last.wanted.runs == ("train-002",)
    openers.last.become_ready()
    qtbot.waitUntil(lambda: [one.id for one in openers.last.asked] == ["a"])
    assert failed == []
    openers.last.finish()


def test_what_fails_alone_is_said(holder: ModelHolder, openers: Openers, qtbot: QtBot) -> None:
    asked = ask().model_copy(update={"model": "train-001"})
    with qtbot.waitSignal(holder.failed) as failed:
        holder.ask(Wanted(WANTED.project, WANTED.base, ("train-001",)), [asked])
        openers.last.fail("It is damaged.")
    assert failed.args[0].what == "It is damaged."
    assert len(openers.opened) == 1
