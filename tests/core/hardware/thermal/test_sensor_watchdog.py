from __future__ import annotations

from core.hardware.thermal.sensor_watchdog import SensorWatchdog


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A sight whose rounds come once a second, and what it said."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.watchdog = SensorWatchdog(self.clock)
        self.codes: list[str] = []

    def rounds(self, seconds: int, *, seen: bool) -> None:
        for _second in range(seconds):
            self.clock.now += 1
            self.watchdog.note_round(seen=seen)
            self.look()

    def hang(self, seconds: int) -> None:
        for _second in range(seconds):
            self.clock.now += 1
            self.look()

    def look(self) -> None:
        notice = self.watchdog.look()
        self.codes += [notice.code] if notice else []


def test_a_card_that_is_read_is_not_spoken_of() -> None:
    watched = Watched()
    watched.rounds(100, seen=True)
    assert watched.codes == []


def test_a_few_seconds_without_a_reading_do_not_matter() -> None:
    watched = Watched()
    for _time in range(10):
        watched.rounds(5, seen=True)
        watched.rounds(8, seen=False)
    assert watched.codes == []


def test_blindness_is_told_once_and_its_end_too() -> None:
    watched = Watched()
    watched.rounds(3, seen=True)
    watched.rounds(100, seen=False)
    assert watched.codes == ["card.unreadable"]
    watched.rounds(5, seen=True)
    assert watched.codes == ["card.unreadable", "card.readable"]


def test_a_driver_that_hangs_is_told_by_whoever_looks() -> None:
    watched = Watched()
    watched.rounds(3, seen=True)
    watched.hang(29)
    assert watched.codes == []
    watched.hang(100)
    assert watched.codes == ["card.silent"]
    watched.rounds(5, seen=True)
    assert watched.codes == ["card.silent", "card.readable"]


def test_what_never_answers_is_told_too() -> None:
    watched = Watched()
    watched.clock.now += 500
    watched.watchdog.restart()
    watched.hang(29)
    assert watched.codes == []
    watched.hang(1)
    assert watched.codes == ["card.silent"]


def test_a_driver_that_hangs_and_then_refuses_stays_told() -> None:
    watched = Watched()
    watched.hang(40)
    watched.rounds(40, seen=False)
    assert watched.codes == ["card.silent"]
