from __future__ import annotations

import pytest

from core.events import Telemetry
from gui.kit.glossary import entries
from gui.training.charts.measures import (
    LOSS,
    OTHER_MEASURES,
    TEMPERATURE,
    Band,
    Measure,
    bands_of,
    in_words,
    traces_of,
    values_at,
)
from gui.training.view_model import TrainingViewModel
from tests.gui.scenes import training_events

POWER = OTHER_MEASURES[1]


def view_model(*, card: bool = True) -> TrainingViewModel:
    made = TrainingViewModel()
    for event in training_events(24, 24, card=card):
        made.take(event)
    return made


@pytest.mark.parametrize("measure", [LOSS, *OTHER_MEASURES], ids=lambda m: m.key)
def test_every_measure_is_in_the_story_and_can_be_said(measure: Measure) -> None:
    told = view_model()
    traces = traces_of(measure, told, {})
    assert all(len(trace.series) for trace in traces)
    assert measure.name in values_at(measure, traces, 12)
    assert in_words(measure, told, traces)
    assert not measure.glossary or measure.glossary in entries()


def test_losses_in_words() -> None:
    told = view_model()
    words = in_words(LOSS, told, traces_of(LOSS, told, {}))
    assert words.startswith("Step 24: training loss ")
    assert "Best" in words
    assert "Everyday answers: 2.70, at first 2.30." in words
    assert in_words(LOSS, TrainingViewModel(), []) == "No step has been done yet."


def test_values_name_the_place_of_a_point_that_lies_elsewhere() -> None:
    told = view_model()
    text = values_at(LOSS, traces_of(LOSS, told, {}), 13)
    assert text.startswith("step 13 · training, each step ")
    assert " at step 12" in text, "the nearest check"
    assert values_at(TEMPERATURE, [], 1.5) == "minute 1.5"


def test_other_trainings_have_their_names_and_their_own_look() -> None:
    others = {"train-002": view_model(), "train-003": view_model()}
    traces = traces_of(LOSS, view_model(), others)
    assert [t.name for t in traces[4:]] == [
        "train-002, unseen examples", "train-003, unseen examples"
    ]  # fmt: skip
    assert len({trace.role for trace in traces}) == 6
    speed = OTHER_MEASURES[2]
    traces = traces_of(speed, view_model(), others)
    assert [trace.name for trace in traces] == ["speed", "train-002", "train-003"]
    assert in_words(speed, view_model(), traces).endswith("Compared with train-002 and train-003.")


def reading(**values: object) -> TrainingViewModel:
    told = TrainingViewModel()
    told.take(Telemetry(card="c", **values))  # type: ignore[arg-type]
    return told


def test_the_temperature_has_what_pauses_the_training_and_where_the_card_slows_itself() -> None:
    """Also where the person's own limit lies far below the card's: each says what it is."""
    told = reading(warn_at=67.0, pause_at=70.0, slowdown_at=93.0)
    assert bands_of(TEMPERATURE, told) == [
        Band(67.0, 70.0, "warm: pauses at 70 °C"),
        Band(93.0, 93.0, "slows itself down at 93 °C"),
    ]
    assert bands_of(TEMPERATURE, reading(slowdown_at=84.0)) == [
        Band(84.0, 84.0, "slows itself down at 84 °C")
    ]
    assert bands_of(TEMPERATURE, reading()) == bands_of(TEMPERATURE, TrainingViewModel()) == []
    assert bands_of(LOSS, told) == []


def test_the_power_has_its_limit() -> None:
    (limit,) = bands_of(POWER, reading(power_limit=300.0))
    assert (limit.low, limit.high, limit.text) == (291.0, 300.0, "power limit")
    assert bands_of(POWER, reading()) == []


def test_the_memory_of_the_card_is_drawn_where_it_is_measured() -> None:
    told = reading(temperature=70.0, memory_temperature=94.0)
    traces = traces_of(TEMPERATURE, told, {"train-002": told})
    assert [(t.name, t.role) for t in traces] == [
        ("temperature", "main"), ("its memory", "second"), ("train-002", "other1")
    ]  # fmt: skip
    words = in_words(TEMPERATURE, told, traces)
    assert "Its memory: now 94 °C." in words
    assert words.endswith("Compared with train-002.")
    assert "its memory 94 °C" in values_at(TEMPERATURE, traces, 0)
    assert len(traces_of(TEMPERATURE, reading(temperature=70.0), {})) == 1


def test_nothing_measured_is_said() -> None:
    told = TrainingViewModel()
    assert in_words(POWER, told, traces_of(POWER, told, {})) == "Nothing has been measured yet."
