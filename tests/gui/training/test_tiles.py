from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.events import Telemetry, TrainStep
from core.settings import Settings
from gui.training.tiles import TrainingTiles
from gui.training.view_model import TrainingViewModel
from tests.gui.scenes import telemetry, training_events

NAMES = ("speed", "memory", "temperature", "power", "energy", "cost")


def shown(qtbot: QtBot, *events: object, extra_watts: float = 0.0) -> dict[str, str]:
    view_model = TrainingViewModel()
    for event in events:
        view_model.take(event)  # type: ignore[arg-type]
    tiles = TrainingTiles()
    qtbot.addWidget(tiles)
    tiles.show_story(view_model, Settings(tariff=0.4, currency="€", extra_watts=extra_watts))
    return texts(tiles)


def texts(tiles: TrainingTiles) -> dict[str, str]:
    return {name: getattr(tiles, name).accessibleName() for name in NAMES}


def test_a_card_fills_all_tiles(qtbot: QtBot) -> None:
    said = shown(qtbot, *training_events(20, 20), telemetry(7200.0, 3000, card=True))
    assert said["speed"] == "Speed: 2,046 tokens/s over the last steps"
    assert said["memory"] == "Memory in use: 17.9 GB of 25.8 GB on the card"
    assert said["temperature"] == "Temperature: 81 °C fan 62%"
    assert said["power"].endswith(" W held back by its power limit, 1,695 MHz")
    assert said["energy"] == "Energy: 0.62 kWh graphics card only"
    assert said["cost"] == "Cost: €0.25 graphics card only"


def test_the_rest_of_the_computer_counts_if_the_person_says_its_watts(qtbot: QtBot) -> None:
    said = shown(qtbot, telemetry(7200.0, 3000, card=True), extra_watts=90)
    assert said["energy"] == "Energy: 0.80 kWh graphics card, and 90 W for the rest"
    assert said["cost"] == "Cost: €0.32 graphics card, and 90 W for the rest"


def test_without_a_card_nothing_is_invented(qtbot: QtBot) -> None:
    said = shown(qtbot, telemetry(10, 5, card=False))
    assert said["memory"] == "Memory in use: 3.1 GB by this run", "not 9.4 GB of the computer"
    assert said["temperature"] == "Temperature: – no graphics card"
    assert said["power"] == "Power: – no graphics card"
    assert said["cost"] == "Cost: – power is not measured"


def test_a_reading_that_fails_is_said_and_a_slow_card_too(qtbot: QtBot) -> None:
    said = shown(qtbot, Telemetry(card="RTX", temperature=84, throttled=True))
    assert said["power"] == "Power: – cannot be read"
    assert said["memory"] == "Memory in use: – cannot be read"
    assert said["temperature"] == "Temperature: 84 °C slowing itself down"


def test_minutes_lost_to_heat_are_told_as_long_as_it_trains(qtbot: QtBot) -> None:
    def temperature(**values: object) -> str:
        reading = Telemetry(card="RTX", temperature=84, **values)  # type: ignore[arg-type]
        return shown(qtbot, reading)["temperature"].removeprefix("Temperature: 84 °C ")

    assert temperature(throttled=True, lost_seconds=290) == (
        "slowing itself down, 4 min lost so far"
    )
    assert temperature(throttled=False, lost_seconds=290) == "4 min lost to heat so far"
    assert temperature(throttled=True, lost_seconds=59) == "slowing itself down"
    assert temperature() == "graphics card"


def test_memory_fan_clock_and_what_holds_the_card_back(qtbot: QtBot) -> None:
    said = shown(qtbot, Telemetry(card="RTX", temperature=70, memory_temperature=94, fan=80.0,
                                  power=300, throttle=("heat", "power supply")))  # fmt: skip
    assert said["temperature"] == "Temperature: 70 °C memory 94 °C, fan 80%"
    assert said["power"] == "Power: 300 W held back by its power supply"
    cool = shown(qtbot, Telemetry(card="RTX", temperature=70, memory_temperature=60, power=300))
    assert cool["temperature"] == "Temperature: 70 °C graphics card"
    assert cool["power"] == "Power: 300 W graphics card"


def test_without_a_card_the_processors_load_stands_beside_the_speed(qtbot: QtBot) -> None:
    said = shown(qtbot, *training_events(20, 20, card=False))
    assert said["speed"].endswith("over the last steps, processor 97% busy")


def test_readings_that_vanish_leave_no_figures(qtbot: QtBot) -> None:
    events = [*training_events(20, 20), Telemetry(cards=1, at=41, ram_used=3_000_000_000)]
    said = shown(qtbot, *events)
    for name in ("memory", "temperature", "power"):
        assert said[name].endswith("– not available now"), name


def test_readings_that_do_not_come_any_more_leave_no_frozen_figures(qtbot: QtBot) -> None:
    view_model, tiles = TrainingViewModel(), TrainingTiles()
    qtbot.addWidget(tiles)
    for event in training_events(20, 40):
        view_model.take(event)
    tiles.show_story(view_model, Settings())
    assert "W" in texts(tiles)["power"]
    later = [e for e in training_events(40, 40) if isinstance(e, TrainStep) and e.step > 20]
    for event in later:
        view_model.take(event)
    tiles.show_story(view_model, Settings())
    said = texts(tiles)
    for name in ("memory", "temperature", "power"):
        assert said[name].endswith("– no more readings"), name
    assert said["energy"].startswith("Energy: 3 Wh"), "what was used stays used"


def test_another_training_does_not_show_the_figures_of_the_one_before(qtbot: QtBot) -> None:
    view_model, tiles = TrainingViewModel(), TrainingTiles()
    qtbot.addWidget(tiles)
    for event in training_events(20, 40):
        view_model.take(event)
    tiles.show_story(view_model, Settings())
    tiles.show_story(TrainingViewModel(), Settings())
    assert all(text.endswith("– not measured yet") for text in texts(tiles).values())


def test_a_narrow_window_takes_fewer_columns(qtbot: QtBot) -> None:
    tiles = TrainingTiles()
    qtbot.addWidget(tiles)
    tiles.show()
    tiles.speed.show_value("2,027,000 tokens in a second")
    three = (tiles.speed, tiles.memory, tiles.temperature)
    tops = []
    for width in (2000, 500):
        tiles.resize(width, 600)
        qtbot.wait(10)
        tops.append(len({tile.y() for tile in three}))
        assert tiles.speed.width() >= tiles.speed.needed_width()
    assert tops[0] == 1 < tops[1]
