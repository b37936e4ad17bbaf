import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from core.hardware import awake
from core.hardware.awake import keep_awake
from core.jobs.events import Event, Notice


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
    with keep_awake(link, desktop) as works:
        assert works and desktop.held
    assert not desktop.held
    assert link.codes == ["awake.on"]


def test_a_refusal_is_told() -> None:
    link = Collected()
    with keep_awake(link, Desktop(works=False)) as works:
        assert not works
    assert link.codes == ["awake.failed"]


def test_a_fault_of_the_desktop_does_not_reach_the_training() -> None:
    def broken() -> AbstractContextManager[Any]:
        raise OSError("no bus")

    link = Collected()
    with keep_awake(link, broken) as works:
        assert not works
    assert link.codes == ["awake.failed"]


def test_a_desktop_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awake, "_ANSWER_SECONDS", 0.05)
    release = threading.Event()

    @contextmanager
    def silent() -> Iterator[Any]:
        release.wait(10)
        yield SimpleNamespace(active=True)

    link, began = Collected(), time.monotonic()
    with keep_awake(link, silent) as works:
        assert not works
    release.set()
    assert time.monotonic() - began < 2
    assert link.codes == ["awake.failed"]


def test_an_error_in_the_block_ends_the_hold_and_goes_on() -> None:
    desktop = Desktop()
    with pytest.raises(KeyError), keep_awake(Collected(), desktop):
        raise KeyError
    assert not desktop.held


def test_this_system_answers_one_way_or_the_other() -> None:
    link = Collected()
    with keep_awake(link) as works:
        assert link.codes == ["awake.on" if works else "awake.failed"]
