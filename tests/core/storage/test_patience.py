"""Windows' refusals, emulated: the errors carry its numbers."""

import os
from pathlib import Path

import pytest

from core.jobs.link import Request, read_request
from core.storage.files import read_json, write_json
from core.storage.patience import patiently


def refusal(number: int) -> PermissionError:
    error = PermissionError(13, "The process cannot access the file")
    error.winerror = number
    return error


class Refusing:
    """Refuses so many times, then does what it stands for."""

    def __init__(self, real, times: int, number: int) -> None:
        self._real, self._number = real, number
        self.left, self.calls = times, 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        if self.left:
            self.left -= 1
            raise refusal(self._number)
        return self._real(*args, **kwargs)


@pytest.mark.parametrize("number", [5, 32, 33])
@pytest.mark.parametrize("times", [1, 10])
def test_a_file_that_is_held_for_a_moment_is_waited_for(times, number):
    do = Refusing(lambda: "done", times, number)
    assert patiently(do) == "done" and do.calls == times + 1


def test_what_lasts_is_said_at_once_or_after_a_while():
    with pytest.raises(PermissionError):
        patiently(Refusing(lambda: None, 10**6, 32), seconds=0.1)
    for error in (FileNotFoundError(2, "gone"), refusal(3), PermissionError(13, "no")):
        calls = []

        def do(error=error, calls=calls):
            calls.append(1)
            raise error

        with pytest.raises(OSError):
            patiently(do)
        assert len(calls) == 1


@pytest.mark.parametrize("times", [1, 10])
def test_a_replaced_file_is_replaced_after_all(tmp_path, monkeypatch, times):
    write_json(tmp_path / "a.json", {"n": 1})
    real = Path.replace
    held = Refusing(None, times, 5)
    held._real = lambda: None

    def replace(self, target):
        held()
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    write_json(tmp_path / "a.json", {"n": 2})
    assert held.calls == times + 1 and read_json(tmp_path / "a.json") == {"n": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_refused_read_does_not_resume_a_paused_run(tmp_path, monkeypatch):
    write_json(tmp_path / "control.json", {"request": "pause"})
    held = Refusing(os.open, 5, 32)
    monkeypatch.setattr("core.storage.ordinary.os.open", held)
    assert read_request(tmp_path / "control.json") is Request.PAUSE
    assert held.calls == 6
