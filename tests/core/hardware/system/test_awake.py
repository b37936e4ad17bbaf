import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from core.events import Event, Notice
from core.hardware.system import awake
from core.hardware.system.awake import KeepAwake


class Collected:
    def __init__(self) -> None:
        self.codes: list[str] = []

    def emit(self, event: Event) -> None:
        assert isinstance(event, Notice)
        self.codes.append(event.code)


class Desktop:
    """Notes when sleep is held off."""

    def __init__(self, *, works: bool = True) -> None:
        self.held, self.works = False, works

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        self.held = self.works
        yield SimpleNamespace(active=self.works)
        self.held = False


def test_sleep_is_held_off_for_the_time_of_the_block() -> None:
    link, desktop = Collected(), Desktop()
    with KeepAwake(link, inhibitor=desktop) as waking:
        assert waking.works and desktop.held
    assert not desktop.held
    assert link.codes == ["awake.on"]


def test_a_refusal_is_told() -> None:
    link = Collected()
    with KeepAwake(link, inhibitor=Desktop(works=False)) as waking:
        assert not waking.works
    assert link.codes == ["awake.failed"]


def test_a_fault_of_the_desktop_does_not_reach_the_training() -> None:
    def broken() -> AbstractContextManager[Any]:
        raise OSError("no bus")

    link = Collected()
    with KeepAwake(link, inhibitor=broken) as waking:
        assert not waking.works
    assert link.codes == ["awake.failed"]


def test_a_desktop_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awake, "_ANSWER_SECONDS", 0.05)
    release = threading.Event()

    @contextmanager
    def silent() -> Iterator[Any]:
        release.wait(60)
        yield SimpleNamespace(active=True)

    link = Collected()
    with KeepAwake(link, inhibitor=silent) as waking:
        assert not waking.works
    release.set()
    assert link.codes == ["awake.failed"]


def test_an_error_in_the_block_ends_the_hold_and_goes_on() -> None:
    desktop = Desktop()
    with pytest.raises(KeyError), KeepAwake(Collected(), inhibitor=desktop):
        raise KeyError
    assert not desktop.held


def test_this_system_answers_one_way_or_the_other() -> None:
    link = Collected()
    with KeepAwake(link) as waking:
        assert link.codes == ["awake.on" if waking.works else "awake.failed"]


def test_during_a_pause_the_computer_may_fall_asleep() -> None:
    link, desktop = Collected(), Desktop()
    with KeepAwake(link, inhibitor=desktop) as waking:
        with waking.let_sleep():
            assert not desktop.held and not waking.works
        assert desktop.held and waking.works
    assert not desktop.held
    assert link.codes == ["awake.on", "awake.paused", "awake.on"]


def test_a_pause_that_ends_the_work_asks_for_nothing_more() -> None:
    link, desktop = Collected(), Desktop()
    with KeepAwake(link, inhibitor=desktop) as waking:
        with waking.let_sleep(lambda: False):
            assert not desktop.held
        assert not desktop.held and not waking.works
    assert link.codes == ["awake.on", "awake.paused"]


def test_where_it_is_not_wanted_that_is_said() -> None:
    link, desktop = Collected(), Desktop()
    with KeepAwake(link, wanted=False, inhibitor=desktop) as waking, waking.let_sleep():
        assert not desktop.held
    assert link.codes == ["awake.off"]
    assert "as set in Preferences" in awake.unwanted_notice().text
