"""Looks that never overlap, and end with what they belong to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from gui.jobs.poller import Poller
from tests.gui.scenes import until


class Looked(QObject):
    """Counts looks; each waits for ``gate``."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.begun, self.seen, self.errors = threading.Event(), 0, [], []
        self.error: UserFacingError | None = None
        self.blind = False
        self.poller = Poller(self, 5, self.next_look, self.seen.append, self.errors.append)

    def next_look(self) -> Any:
        return None if self.blind else self.look

    def look(self) -> int:
        self.begun += 1
        self.gate.wait(10)
        if self.error:
            raise self.error
        return self.begun


@pytest.fixture
def looked() -> Iterator[Looked]:
    made = Looked()
    yield made
    made.gate.set()
    made.poller.shut_down()


def test_a_look_waits_for_the_one_before_it(looked: Looked, qtbot: QtBot) -> None:
    looked.poller.switch(on=True)
    qtbot.wait(60)
    looked.poller.look_now()
    assert (looked.begun, looked.seen) == (1, [])
    looked.gate.set()
    until(qtbot, lambda: len(looked.seen) >= 3)
    assert looked.seen[:3] == [1, 2, 3]


def test_it_stops_when_it_is_switched_off(looked: Looked, qtbot: QtBot) -> None:
    looked.gate.set()
    looked.poller.switch(on=True)
    assert looked.poller.is_active
    until(qtbot, lambda: bool(looked.seen))
    looked.poller.switch(on=False)
    assert not looked.poller.is_active
    qtbot.wait(30)
    count = looked.begun
    qtbot.wait(60)
    assert looked.begun == count


def test_where_there_is_nothing_to_look_at_no_thread_begins(looked: Looked, qtbot: QtBot) -> None:
    looked.blind = True
    looked.poller.switch(on=True)
    qtbot.wait(40)
    assert looked.begun == 0


def test_an_error_is_told_and_the_next_look_comes(looked: Looked, qtbot: QtBot) -> None:
    looked.error = UserFacingError("x", "No.", "Yes.")
    looked.gate.set()
    looked.poller.switch(on=True)
    until(qtbot, lambda: len(looked.errors) >= 2)
    assert looked.seen == []
