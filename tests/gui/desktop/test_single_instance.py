from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from pytestqt.qtbot import QtBot

from core.storage.files import read_json
from gui.desktop import single_instance
from gui.desktop.single_instance import SingleInstance, be_the_only_one, raise_running_window
from tests.gui import scenes

_STARTS = 6
_START = """
import sys, threading
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from gui.desktop.single_instance import be_the_only_one
app = QCoreApplication([])
print("ready", flush=True)
sys.stdin.readline()
instance = be_the_only_one([Path(name) for name in sys.argv[1:]])
print("second" if instance is None else "only", flush=True)
def end():
    sys.stdin.readline()
    app.quit()
QTimer.singleShot(0, threading.Thread(target=end, daemon=True).start)  # quit needs exec first
app.exec()
"""


def another_start(*files: Path) -> subprocess.Popen[str]:
    """Start another process that will look for a running window as soon as it reads a line."""
    return subprocess.Popen(
        [sys.executable, "-c", _START, *map(str, files)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def tell(start: subprocess.Popen[str]) -> None:
    assert start.stdin is not None
    start.stdin.write("go\n")
    start.stdin.flush()


def heard(start: subprocess.Popen[str]) -> str:
    assert start.stdout is not None
    return start.stdout.readline().strip()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_instance, "_ANSWER_MS", 200)  # in this process none can come


def test_nobody_is_there_at_first(qtbot: QtBot) -> None:
    assert not raise_running_window()


def test_a_second_start_is_noticed(qtbot: QtBot) -> None:
    first = SingleInstance()
    assert first.is_listening()
    second = another_start()
    assert heard(second) == "ready"
    with qtbot.waitSignal(first.wanted):
        tell(second)
    assert heard(second) == "second"
    second.communicate("end\n", timeout=60)
    first.close()
    assert not raise_running_window()


def test_a_second_start_hands_its_files_over(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance()
    files = [tmp_path / "ü 漢字.jsonl", tmp_path / "b.csv"]
    second = another_start(*files)
    assert heard(second) == "ready"
    with qtbot.waitSignal(first.opened) as opened:
        tell(second)
    assert opened.args == [files]
    assert heard(second) == "second"
    second.communicate("end\n", timeout=60)
    first.close()


def test_files_without_the_seal_are_not_opened(qtbot: QtBot, tmp_path: Path) -> None:
    """Who does not know the key may wake the window, but open nothing in it."""
    first = SingleInstance()
    stranger = QLocalSocket()
    stranger.connectToServer(first._meeting.name)
    forged = first._meeting.sealed([tmp_path / "a.jsonl"])[:-1] + b"!"
    with qtbot.assertNotEmitted(first.opened), qtbot.waitSignal(first.wanted):
        stranger.write(b"?" * 32 + forged)
        stranger.flush()
    with qtbot.assertNotEmitted(first.opened, wait=200):
        stranger.disconnectFromServer()
    assert first._meeting.unsealed(first._meeting.sealed([tmp_path / "a"])) == [tmp_path / "a"]
    assert first._meeting.unsealed(b"short") == []
    first.close()


def test_what_a_killed_window_left_is_replaced(qtbot: QtBot) -> None:
    SingleInstance().close()  # its note is still there
    assert not raise_running_window()
    after = be_the_only_one()
    assert after is not None
    assert after.is_listening()
    after.close()


def test_of_many_starts_at_once_one_is_the_only_one(home: Path) -> None:
    home.mkdir()
    starts = [another_start() for _ in range(_STARTS)]
    assert [heard(start) for start in starts] == ["ready"] * _STARTS
    for start in starts:
        tell(start)
    assert sorted(map(heard, starts)) == ["only"] + ["second"] * (_STARTS - 1)
    for start in starts:
        start.communicate("end\n", timeout=60)


@pytest.mark.parametrize("answer", [b"", b"x" * 32, b"x" * 1000])
def test_somebody_else_who_waits_there_keeps_no_window_closed(qtbot: QtBot, answer: bytes) -> None:
    """Once the socket of any other program made every start end without a word."""
    SingleInstance().close()
    name = read_json(single_instance._note())["name"]
    squatter = QLocalServer()
    squatter.newConnection.connect(lambda: squatter.nextPendingConnection().write(answer))
    assert squatter.listen(name)
    assert not raise_running_window()
    first = be_the_only_one()
    assert first is not None
    assert first.is_listening()
    first.close()
    squatter.close()


def test_where_a_window_waits_cannot_be_known_before(qtbot: QtBot, home: Path) -> None:
    one, other = SingleInstance(), SingleInstance()
    assert one._meeting.name != other._meeting.name
    one.close()
    other.close()
    if os.name != "nt":
        assert stat.S_IMODE((home / "window.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("note", ["", "[]", '{"name": "x", "key": "y"}', '{"name": "/tmp/x"}'])
def test_a_damaged_note_is_no_window(qtbot: QtBot, home: Path, note: str) -> None:
    home.mkdir()
    (home / "window.json").write_text(note)
    assert not raise_running_window()


def test_nobody_else_looks_between_the_look_and_the_listening(
    qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_files: object) -> bool:
        with pytest.raises(Timeout):
            FileLock(home / ".start.lock").acquire(timeout=0)
        return False

    monkeypatch.setattr(single_instance, "raise_running_window", look)
    first = be_the_only_one()
    assert first is not None
    first.close()


def test_a_start_that_hangs_does_not_keep_others_out(
    qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_TURN_SECONDS", 0.05)
    home.mkdir()
    with FileLock(home / ".start.lock"):
        first = be_the_only_one()
        assert first is not None
        raised: list[bool] = []
        first.wanted.connect(lambda: raised.append(True))
        second = another_start()
        assert heard(second) == "ready"
        tell(second)
        scenes.until(qtbot, lambda: raised == [True])
        assert heard(second) == "second"
        second.communicate("end\n", timeout=60)
    first.close()


def test_a_home_that_takes_no_file_is_no_reason_not_to_start(qtbot: QtBot, home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    first = be_the_only_one()
    assert first is not None
    first.close()
