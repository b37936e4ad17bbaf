import json
import os
import signal
import threading
import time

import psutil
import pytest

from core.commands.terminal import (
    _pace,
    _transfer,
    printable,
    result_of,
    run_job,
    say,
    say_error,
    write_document,
    write_lines,
)
from core.errors import UserFacingError
from core.events import Finished, Transfer, from_line, to_line
from core.jobs import supervisor as supervisor_module
from core.jobs.link import Request
from core.jobs.spec import QueueResult
from core.jobs.supervisor import Supervisor
from core.project import RunFolder
from tests.cleanliness import is_at_work
from tests.core.jobs.fake_child import FakeResult, fake


@pytest.fixture
def folder(tmp_path, monkeypatch):
    import sys

    run = RunFolder(tmp_path / "fake-001")
    run.root.mkdir()
    command = [sys.executable, "-m", "tests.core.jobs.fake_child", str(run.root)]
    monkeypatch.setattr(supervisor_module, "worker_command", lambda _folder: command)
    return run


def test_a_job_gives_its_result_and_standard_output_stays_clean(folder, capsys):
    assert run_job(folder, fake("succeed")) == FakeResult(answer=42)
    assert capsys.readouterr().out == ""


def test_a_download_tells_its_speed_and_what_is_left():
    event = Transfer(file="model.safetensors", done=5_000_000, total=9_000_000)
    assert _transfer(event) == "Downloading model.safetensors, MB"
    assert _pace(event) == ""
    measured = event.model_copy(update={"rate": 2_500_000.0, "seconds_left": 1600.0})
    assert _pace(measured) == "2.5 MB/s, about 27 min left"
    checking = event.model_copy(update={"phase": "checking"})
    assert _transfer(checking) == "Checking model.safetensors, MB"
    assert from_line(to_line(measured)) == measured


def test_a_failed_job_is_a_sentence(folder):
    with pytest.raises(UserFacingError) as failure:
        run_job(folder, fake("fail"))
    assert failure.value.code == "fake.failed"


def test_a_result_that_cannot_be_read_is_said():
    for last in (Finished(outcome="completed"), Finished(outcome="stopped", result=QueueResult())):
        with pytest.raises(UserFacingError) as failure:
            result_of(fake("succeed"), last)
        assert failure.value.code == "job.no_result"


def test_a_cancelled_job_is_said(folder):
    def cancel():
        while not folder.events_file.exists() or folder.events_file.stat().st_size < 200:
            time.sleep(0.02)
        Supervisor(folder).ask(Request.CANCEL)

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(UserFacingError) as refusal:
        run_job(folder, fake("obey"))
    thread.join()
    assert refusal.value.code == "job.cancelled"


def test_ctrl_c_stops_and_keeps(folder):
    before = signal.getsignal(signal.SIGINT)

    def interrupt():
        while not folder.events_file.exists() or folder.events_file.stat().st_size < 200:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    result = run_job(folder, fake("obey"))
    thread.join()
    assert result.ticks > 0
    assert signal.getsignal(signal.SIGINT) is before


def test_nothing_steers_the_terminal(capsys):
    text = "a\x1b]0;owned\x07\x9b2J\r\u202e\ud800b\tc\n"
    write_lines([text])
    say(text)
    write_document({text: text})
    seen = capsys.readouterr()
    for steering in "\x1b\x07\x9b\r\u202e\ud800":
        assert steering not in seen.out + seen.err
    assert "a\\x1b]0;owned\\x07\\x9b2J" in seen.out
    assert json.loads(seen.out[seen.out.index("{") :]) == {text: text}


def test_no_text_is_printed_for_an_hour():
    assert len(printable("x" * 10**7)) < 20_000


def test_details_that_are_announced_are_printed(capsys):
    say_error(UserFacingError("job.bug", "Oh.", "Report it with the details below.", "Trace: 7"))
    say_error(UserFacingError("x", "Oh.", "Try again.", "Secret: 8"))
    seen = capsys.readouterr().err
    assert "Trace: 7" in seen
    assert "Secret" not in seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_job_of_this_command_alone_ends_with_it(folder, number):
    before = signal.getsignal(number)
    earlier = set(psutil.Process().children(recursive=True))
    children = []

    def interrupt():
        while not folder.events_file.exists() or folder.events_file.stat().st_size < 200:
            time.sleep(0.02)
        children.extend(set(psutil.Process().children(recursive=True)) - earlier)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(UserFacingError) as refusal:
        run_job(folder, fake("obey"), outlives=False)
    thread.join()
    assert refusal.value.code == "job.cancelled"
    assert children
    assert not [child for child in children if is_at_work(child)]
    assert signal.getsignal(number) is before
