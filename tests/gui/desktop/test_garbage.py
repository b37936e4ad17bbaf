from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from gui.desktop import garbage
from gui.desktop.garbage import GarbageCollection
from tests.gui import scenes


class Knot:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collection(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[GarbageCollection]:
    monkeypatch.setattr(garbage, "_EVERY_MS", 5)
    made = GarbageCollection()
    made.start()
    yield made
    made.end()
    gc.disable()  # as it is for the other tests here


def test_what_a_thread_leaves_behind_dies_in_the_windows_thread(
    collection: GarbageCollection, qtbot: QtBot
) -> None:
    died_in: list[int] = []

    def leave() -> None:
        for _ in range(3000):  # far beyond the threshold at which Python itself would collect
            weakref.finalize(Knot(), lambda: died_in.append(threading.get_ident()))

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert died_in == []
    scenes.until(qtbot, lambda: len(died_in) == 3000)
    assert set(died_in) == {threading.get_ident()}


def test_older_garbage_has_its_turn_too(collection: GarbageCollection, qtbot: QtBot) -> None:
    knot = Knot()
    gone = weakref.ref(knot)
    gc.collect()  # it is old now
    del knot

    def is_gone() -> bool:
        [Knot() for _ in range(1000)]
        return gone() is None

    scenes.until(qtbot, is_gone)


def test_afterwards_python_collects_again(collection: GarbageCollection) -> None:
    assert not gc.isenabled()
    collection.end()
    assert gc.isenabled()
    assert not collection._timer.isActive()
