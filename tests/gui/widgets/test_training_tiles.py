from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.jobs.events import Telemetry
from core.settings import Settings
from gui.training_story import TrainingStory
from gui.widgets.training_tiles import TrainingTiles
from tests.gui.scenes import telemetry, training_events


def shown(qtbot: QtBot, *events: object, extra_watts: float = 0.0) -> dict[str, str]:
    story = TrainingStory()
    for event in events:
        story.take(event)  # type: ignore[arg-type]
    tiles = TrainingTiles()
    qtbot.addWidget(tiles)
    tiles.show_story(story, Settings(tariff=0.4, currency="€", extra_watts=extra_watts))
    names = ("speed", "memory", "temperature", "power", "energy", "cost")
    return {name: getattr(tiles, name).accessibleName() for name in names}


def test_a_card_fills_all_tiles(qtbot: QtBot) -> None:
    said = shown(qtbot, *training_events(20, 20), telemetry(7200.0, 3000, card=True))
    assert said["speed"] == "Speed: 2,046 tokens/s over the last steps"
    assert said["memory"] == "Memory in use: 17.9 GB of 25.8 GB on the card"
    assert said["temperature"] == "Temperature: 81 °C graphics card"
    assert said["energy"] == "Energy: 0.62 kWh graphics card only"
    assert said["cost"] == "Cost: €0.25 graphics card only"


def test_the_rest_of_the_computer_counts_if_the_person_says_its_watts(qtbot: QtBot) -> None:
    said = shown(qtbot, telemetry(7200.0, 3000, card=True), extra_watts=90)
    assert said["energy"] == "Energy: 0.80 kWh graphics card, and 90 W for the rest"
    assert said["cost"] == "Cost: €0.32 graphics card, and 90 W for the rest"


def test_without_a_card_nothing_is_invented(qtbot: QtBot) -> None:
    said = shown(qtbot, telemetry(10, 5, card=False))
    assert said["memory"] == "Memory in use: 3.1 GB of the computer"
    assert said["temperature"] == "Temperature: – no graphics card"
    assert said["power"] == "Power: – no graphics card"
    assert said["cost"] == "Cost: – power is not measured"


def test_a_reading_that_fails_is_said_and_a_slow_card_too(qtbot: QtBot) -> None:
    said = shown(qtbot, Telemetry(card="RTX", temperature=84, throttled=True))
    assert said["power"] == "Power: – cannot be read"
    assert said["temperature"] == "Temperature: 84 °C slowing itself down"
