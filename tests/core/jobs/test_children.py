"""Children that are forked for the tests are started as the real ones are."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from core.jobs import children
from core.jobs.children import start_child

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="children are not forked")
TELLER = [sys.executable, "-m", "tests.forks.teller"]


@pytest.fixture(params=["forked", "cold"])
def way(request: pytest.FixtureRequest) -> str:
    if request.param == "cold":
        request.getfixturevalue("cold_children")
    return request.param


def tell(*words: str, **environment: str) -> dict:
    child = start_child(
        [*TELLER, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, environment=environment,
    )  # fmt: skip
    with child.stdin as out:
        out.write(b"a line\n")
    with child.stdout as answer:
        told = json.loads(answer.read())
    assert child.wait(60) == 5
    return {**told, "number": child.pid}


def test_a_child_has_its_own_session_and_what_it_was_given(way):
    told = tell("one", "two", HOMELAB_TUNER_WORD="ü 漢字")
    assert told["pid"] == told["session"] == told["group"] == told["number"] != os.getpid()
    assert told["arguments"] == ["one", "two"]
    assert told["command"] == [*TELLER, "one", "two"]
    assert told["input"] == "a line\n"
    assert told["environment"]["HOMELAB_TUNER_WORD"] == "ü 漢字"
    expected = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    assert expected.items() <= told["environment"].items()
    assert told["folder"] == children._source_root()
    assert told["main"] == "tests.forks.teller"
    assert told["threads"] == 1
    assert told["open"] == [0, 1, 2]


def test_both_ways_tell_the_same(request):
    forked = tell("word")
    request.getfixturevalue("cold_children")
    cold = tell("word")
    own = ("pid", "session", "group", "number", "dice", "loaded")
    assert {k: v for k, v in forked.items() if k not in own} == {
        k: v for k, v in cold.items() if k not in own
    }
    assert forked["loaded"] and not cold["loaded"], "so that it is known which way was taken"


def test_each_child_throws_other_dice(way):
    random.seed(1)
    assert len({tuple(tell()["dice"]) for _ in range(3)}) == 3


@pytest.mark.parametrize("name", [signal.SIGKILL, signal.SIGTERM])
def test_a_signal_ends_it_and_is_told(way, name):
    child = start_child([*TELLER, "wait"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.01)
    assert child.poll() is None
    os.kill(child.pid, name)
    assert child.wait(60) == child.poll() == -name


def test_a_mistake_is_told_in_the_error_stream(way, tmp_path):
    log = tmp_path / "log.txt"
    with log.open("wb") as stream:
        child = start_child([*TELLER, "fail"], stdout=stream, stderr=stream)
    assert child.wait(60) == 1
    assert "RuntimeError: a mistake" in log.read_text()


def test_another_environment_at_import_is_no_reason_to_fork():
    assert tell()["loaded"]
    assert not tell(OMP_NUM_THREADS="7")["loaded"]


def test_a_child_is_started_beside_another_that_works():
    begun = time.monotonic()
    first = start_child([*TELLER, "wait"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert tell()["pid"] != first.pid
    first.kill()
    assert first.wait() == -signal.SIGKILL
    assert time.monotonic() - begun < 60
