from __future__ import annotations

import pytest

from core.jobs.events import Telemetry
from gui.measures import (
    LOSS,
    OTHER_MEASURES,
    TEMPERATURE,
    Band,
    Measure,
    band_of,
    in_words,
    traces_of,
    values_at,
)
from gui.training_story import TrainingStory
from gui.widgets.glossary import entries
from tests.gui.scenes import training_events

POWER = OTHER_MEASURES[1]


def story(*, card: bool = True) -> TrainingStory:
    made = TrainingStory()
    for event in training_events(24, 24, card=card):
        made.take(event)
    return made


@pytest.mark.parametrize("measure", [LOSS, *OTHER_MEASURES], ids=lambda m: m.key)
def test_every_measure_is_in_the_story_and_can_be_said(measure: Measure) -> None:
    told = story()
    traces = traces_of(measure, told, {})
    assert all(len(trace.series) for trace in traces)
    assert measure.name in values_at(measure, traces, 12)
    assert in_words(measure, told, traces)
    assert not measure.glossary or measure.glossary in entries()


def test_losses_in_words() -> None:
    told = story()
    words = in_words(LOSS, told, traces_of(LOSS, told, {}))
    assert words.startswith("Step 24: practice ")
    assert "best" in words
    assert in_words(LOSS, TrainingStory(), []) == "No step has been done yet."


def test_values_name_the_place_of_a_point_that_lies_elsewhere() -> None:
    told = story()
    text = values_at(LOSS, traces_of(LOSS, told, {}), 13)
    assert text.startswith("step 13 · practice, each step ")
    assert " at step 12" in text, "the nearest check"
    assert values_at(TEMPERATURE, [], 1.5) == "minute 1.5"


def test_other_trainings_have_their_names_and_their_own_look() -> None:
    others = {"train-002": story(), "train-003": story()}
    traces = traces_of(LOSS, story(), others)
    assert [t.name for t in traces[3:]] == [
        "train-002, unseen examples", "train-003, unseen examples"
    ]  # fmt: skip
    assert len({trace.role for trace in traces}) == 5
    speed = OTHER_MEASURES[2]
    traces = traces_of(speed, story(), others)
    assert [trace.name for trace in traces] == ["speed", "train-002", "train-003"]
    assert in_words(speed, story(), traces).endswith("Compared with train-002, train-003.")


def reading(**values: object) -> TrainingStory:
    told = TrainingStory()
    told.take(Telemetry(card="c", **values))  # type: ignore[arg-type]
    return told


def test_bands() -> None:
    assert band_of(TEMPERATURE, TrainingStory()) is None
    assert band_of(TEMPERATURE, reading()) is None
    slow = band_of(TEMPERATURE, reading(slowdown_at=84.0))
    assert slow == Band(78.0, 84.0, "slows itself down")
    assert band_of(TEMPERATURE, reading(slowdown_at=84.0, warn_at=80.0)) == Band(
        80.0, 84.0, "slows itself down"
    )
    limit = band_of(POWER, reading(power_limit=300.0))
    assert limit is not None
    assert (limit.low, limit.high, limit.text) == (291.0, 300.0, "power limit")
    assert band_of(LOSS, reading(slowdown_at=84.0)) is None


def test_nothing_measured_is_said() -> None:
    told = TrainingStory()
    assert in_words(POWER, told, traces_of(POWER, told, {})) == "Nothing has been measured yet."
