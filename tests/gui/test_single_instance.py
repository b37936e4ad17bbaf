from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from pytestqt.qtbot import QtBot

from gui import single_instance
from gui.single_instance import (
    SingleInstance,
    be_the_only_one,
    instance_name,
    raise_running_window,
)
from tests.gui import scenes

_STARTS = 6
_START = """
import sys
from PySide6.QtCore import QCoreApplication
from gui.single_instance import be_the_only_one
app = QCoreApplication([])
print("ready", flush=True)
sys.stdin.readline()
instance = be_the_only_one(sys.argv[1])
print("second" if instance is None else "only", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def name() -> str:
    return f"homelab-tuner-test-{uuid.uuid4().hex[:8]}"


def test_nobody_is_there_at_first(qtbot: QtBot, name: str) -> None:
    assert not raise_running_window(name)


def test_a_second_start_is_noticed(qtbot: QtBot, name: str) -> None:
    first = SingleInstance(name)
    assert first.is_listening()
    with qtbot.waitSignal(first.wanted):
        assert raise_running_window(name)
    first.close()
    assert not raise_running_window(name)


def test_what_a_killed_window_left_is_taken_over(qtbot: QtBot, name: str) -> None:
    killed = SingleInstance(name)
    after = SingleInstance(name)  # as if the first had died with its socket in place
    assert after.is_listening()
    with qtbot.waitSignal(after.wanted):
        assert raise_running_window(name)
    after.close()
    killed.close()


def test_of_many_starts_at_once_one_is_the_only_one(name: str, home: Path) -> None:
    home.mkdir()
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", _START, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(_STARTS)
    ]

    def each(*, go: bool) -> list[str]:
        for start in starts:
            assert start.stdin is not None
            if go:
                start.stdin.write("go\n")
                start.stdin.flush()
        return [start.stdout.readline().strip() for start in starts if start.stdout is not None]

    assert each(go=False) == ["ready"] * _STARTS
    assert sorted(each(go=True)) == ["only"] + ["second"] * (_STARTS - 1)
    for start in starts:
        start.communicate("end\n", timeout=30)


def test_nobody_else_looks_between_the_look_and_the_listening(
    qtbot: QtBot, name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_name: str) -> bool:
        with pytest.raises(Timeout):
            FileLock(home / ".start.lock").acquire(timeout=0)
        return False

    monkeypatch.setattr(single_instance, "raise_running_window", look)
    first = be_the_only_one(name)
    assert first is not None
    first.close()


def test_a_start_that_hangs_does_not_keep_others_out(
    qtbot: QtBot, name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_TURN_SECONDS", 0.05)
    home.mkdir()
    with FileLock(home / ".start.lock"):
        first = be_the_only_one(name)
        assert first is not None
        raised: list[bool] = []
        first.wanted.connect(lambda: raised.append(True))
        assert be_the_only_one(name) is None
        scenes.until(qtbot, lambda: raised == [True])
    first.close()


def test_a_home_that_takes_no_file_is_no_reason_not_to_start(
    qtbot: QtBot, name: str, home: Path
) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    first = be_the_only_one(name)
    assert first is not None
    first.close()


def test_the_name_belongs_to_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = instance_name()
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "other"))
    assert instance_name() != first
