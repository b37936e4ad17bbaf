from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.events import Finished
from core.settings import Settings
from gui.training import headline as module
from gui.training.headline import Headline
from gui.training.view_model import TrainingViewModel
from tests.gui import scenes


@pytest.fixture
def headline(qtbot: QtBot) -> Headline:
    made = Headline()
    qtbot.addWidget(made)
    return made


def told(steps: int, total: int, *, card: bool) -> TrainingViewModel:
    made = TrainingViewModel()
    for event in scenes.training_events(steps, total, card=card):
        made.take(event)
    return made


def test_nothing_is_shown_before_there_is_a_figure(headline: Headline) -> None:
    headline.show_story(TrainingViewModel(), Settings())
    assert headline.isHidden()


def test_how_far_how_long_and_when(headline: Headline) -> None:
    headline.show_story(told(20, 40, card=False), Settings())
    figures = headline.figures()
    assert figures[:2] == [("50%", "done"), ("40 s", "left")]
    assert figures[2][1] == "expected finish"
    assert headline.accessibleName().startswith("done: 50% · left: 40 s")


def test_each_tenth_of_the_way_is_said_once(
    headline: Headline, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(module, "announce", lambda _widget, text: said.append(text))
    run = TrainingViewModel()
    for event in scenes.training_events(40, 40, card=False):
        run.take(event)
        headline.show_story(run, Settings())
    assert [text.split(" ")[1] for text in said] == [f"{n}%" for n in range(10, 101, 10)]
    said.clear()
    headline.show_story(told(20, 40, card=False), Settings())
    assert said == [], "another run was opened"


def test_at_the_end_what_it_took_and_what_was_gained(headline: Headline) -> None:
    done = told(40, 40, card=True)
    done.take(Finished(at=240, outcome="completed"))
    headline.show_story(done, Settings())
    figures = {caption: figure for figure, caption in headline.figures()}
    assert figures["training took"] == "4 min"
    assert " → " in figures["loss on unseen examples"]
    assert set(figures) == {"training took", "loss on unseen examples", "energy", "cost"}
