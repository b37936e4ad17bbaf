from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest

from core.hardware.cards.programs import OtherPrograms
from core.hardware.cards.reader import CardReader
from tests.core.hardware.fake_nvml import FakeNvml

GIB = 1 << 30
_WAITS = "import sys; print('up', flush=True); sys.stdin.read()"
_STARTS_ONE = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {_WAITS!r}], stdin=subprocess.PIPE)
print(child.pid, flush=True)
sys.stdin.read()
"""


def on_card(pid: int, held: int | None = GIB) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, usedGpuMemory=held)


def others(computing: list[SimpleNamespace], drawing: list[SimpleNamespace]) -> list[int]:
    fake = FakeNvml()
    fake.faults["nvmlDeviceGetComputeRunningProcesses"] = lambda: computing
    fake.faults["nvmlDeviceGetGraphicsRunningProcesses"] = lambda: drawing
    return [process.pid for process in OtherPrograms().on(fake, "handle 1", 0)]


@pytest.fixture
def worker() -> Iterator[tuple[int, int]]:
    """A process of this one and one that it started itself, as their numbers."""
    child = subprocess.Popen(
        [sys.executable, "-c", _STARTS_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin and child.stdout
    grandchild = int(child.stdout.readline())
    yield child.pid, grandchild
    child.stdin.close()
    child.wait()
    child.stdout.close()


def test_the_processes_of_the_training_itself_are_no_others(worker: tuple[int, int]) -> None:
    own = [on_card(os.getpid()), *map(on_card, worker)]
    assert others([*own, on_card(os.getppid())], []) == [os.getppid()]


def test_a_game_is_told_and_a_desktop_is_not() -> None:
    desktop, game, unknown = os.getppid(), 999_999_997, 999_999_998
    drawing = [on_card(desktop, 90_000_000), on_card(game, 3 * GIB), on_card(unknown, None)]
    assert others([], drawing) == [game]


def test_what_computes_and_draws_counts_like_what_draws() -> None:
    """On Windows the desktop's own programs do both, and what they hold is not told."""
    pid = os.getppid()
    assert others([on_card(pid, None)], [on_card(pid, None)]) == []
    assert others([on_card(pid)], [on_card(pid)]) == [pid]


def test_the_system_is_asked_once_about_each_program(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = [], psutil.Process
    monkeypatch.setattr(psutil, "Process", lambda pid: asked.append(pid) or real(pid))
    fake, entries = FakeNvml(cards=2), [on_card(os.getppid())]
    fake.faults["nvmlDeviceGetComputeRunningProcesses"] = lambda: entries
    with CardReader(fake) as reader:
        assert [len(card.other_processes) for card in reader.read().cards] == [1, 1]
        once = len(asked)
        for _round in range(4):
            assert [len(card.other_processes) for card in reader.read().cards] == [1, 1]
        assert len(asked) == once > 0
        entries.clear()
        assert reader.read().cards[0].other_processes == ()
        entries.append(on_card(os.getppid()))
        reader.read()
    assert len(asked) == 2 * once, "the number may be another program's by now"


def test_a_library_without_such_lists_names_none() -> None:
    fake = FakeNvml(faults={"nvmlDeviceGetGraphicsRunningProcesses": AttributeError()})
    (process,) = OtherPrograms().on(fake, "handle 1", 0)
    assert (process.name, process.memory) == ("", 5)
