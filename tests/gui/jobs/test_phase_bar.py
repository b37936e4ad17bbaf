from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.jobs import phase_bar
from gui.jobs.phase_bar import PhaseBar
from tests.gui import scenes


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(phase_bar.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(phase_bar, "_last_time", {})
    return now


@pytest.fixture
def bar(clock: list[float], qtbot: QtBot) -> PhaseBar:
    made = PhaseBar()
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_moves_to_and_fro_for_five_seconds_at_most(
    bar: PhaseBar, clock: list[float], qtbot: QtBot
) -> None:
    said: list[str] = []
    bar.passed.connect(said.append)
    bar.begin("Loading the base model")
    assert bar.maximum() == 0
    clock[0] += 5.5
    scenes.until(qtbot, lambda: bar.maximum() > 0)
    first = bar.value()
    assert 0 < first < bar.maximum()
    assert said[-1] == "6 s so far"
    clock[0] += 300
    scenes.until(qtbot, lambda: bar.value() > first)
    bar.hide()
    assert not bar._timer.isActive()


def test_the_second_time_it_says_how_long_it_took(
    bar: PhaseBar, clock: list[float], qtbot: QtBot
) -> None:
    bar.begin("Loading")
    clock[0] += 20
    bar.end()
    said: list[str] = []
    bar.passed.connect(said.append)
    bar.begin("Loading")
    clock[0] += 10
    scenes.until(qtbot, lambda: bool(said[-1]))
    assert said[-1] == "10 s so far; earlier it took 20 s"
    bar.end()


def test_counts_are_shown_as_they_are(bar: PhaseBar) -> None:
    bar.begin("Loading")
    bar.show_counts("Reading", 30, 40)
    assert (bar.value(), bar.maximum()) == (30, 40)
    assert not bar._timer.isActive()
    bar.show_counts("Reading", 50, 40)
    assert bar.value() == 40


def test_parts_fill_the_bar_once(bar: PhaseBar) -> None:
    places = []
    for part, done in ((1, 5), (1, 10), (2, 0), (2, 5), (3, 10)):
        bar.in_part(part, 3)
        if done:
            bar.show_counts(f"phase {part}", done, 10)
        else:
            bar.begin(f"phase {part}")
        places.append(bar.value() / bar.maximum())
    assert places == sorted(places), "it never falls back"
    assert places[0] == pytest.approx(1 / 6, abs=0.01)
    assert places[-1] == 1


def test_what_it_took_earlier_is_not_said_when_it_takes_longer(
    bar: PhaseBar, clock: list[float], qtbot: QtBot
) -> None:
    bar.begin("Loading")
    clock[0] += 6
    bar.end()
    said: list[str] = []
    bar.passed.connect(said.append)
    bar.begin("Loading")
    clock[0] += 47
    scenes.until(qtbot, lambda: bool(said[-1]))
    assert said[-1] == "47 s so far"
    bar.end()
