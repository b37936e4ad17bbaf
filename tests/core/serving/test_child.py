import subprocess
import sys

import psutil

from core.serving import child
from core.serving.messages import Cancel, Ready, read_told
from tests.core.serving import scripted
from tests.core.serving.conftest import ask


def start(project, **values):
    return subprocess.Popen(
        scripted.command(project.root, "base", "train-001", **values),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def told(lines):
    return [read_told(line) for line in lines.splitlines()]


def test_it_says_how_loading_goes_and_answers(project):
    # The end of input may not overtake the answer, so it is read first.
    with start(project) as process:
        process.stdin.write(ask("Hello you").line())
        process.stdin.flush()
        said = [read_told(process.stdout.readline()) for _ in range(6)]
        process.stdin.close()
        assert process.wait(30) == 0
    assert [s.kind for s in said] == ["loading", "loading", "ready", "piece", "piece", "done"]
    ready = said[2]
    assert isinstance(ready, Ready)
    assert ready.models == ("base", "train-001")
    assert ready.memory > 1_000_000
    assert "".join(s.text for s in said[3:5]) == "Hello you"


def test_what_libraries_print_never_gets_between(project):
    with start(project) as process:
        process.stdin.write(ask("print").line())
        process.stdin.flush()
        while read_told(process.stdout.readline()).kind != "done":  # every line can be read
            pass
        _rest, log = process.communicate(timeout=30)
    assert b"noise of a library" in log
    assert b"noise of a C library" in log


def test_a_cancelled_answer_ends(project):
    with start(project, delay=0.05) as process:
        process.stdin.write(ask("words 1000").line())
        process.stdin.flush()
        while read_told(process.stdout.readline()).kind != "piece":
            pass
        process.stdin.write(Cancel(id="a").line())
        process.stdin.flush()
        while (last := read_told(process.stdout.readline())).kind == "piece":
            pass
        process.stdin.close()
    assert last.reason == "cancelled"


def test_a_line_that_is_no_request_is_passed_over(project):
    with start(project) as process:
        process.stdin.write(b"nonsense\n" + ask().line())
        process.stdin.flush()
        while (last := read_told(process.stdout.readline())).kind != "done":
            pass
        process.stdin.close()
    assert last.reason == "stop"


def test_too_little_memory_is_said_in_words(project):
    with start(project, behaviour="no_memory") as process:
        out, _log = process.communicate(b"", 30)
    assert process.returncode == 1
    last = told(out)[-1]
    assert (last.kind, last.code) == ("failed", "serving.out_of_memory")


def test_a_child_whose_starter_is_gone_ends_even_while_it_loads(project):
    with start(project, behaviour="hang") as process:
        read_told(process.stdout.readline())
        process.stdin.close()
        assert process.wait(30) == 0
    assert not psutil.pid_exists(process.pid)


def test_a_folder_without_a_project_is_said(tmp_path):
    command = child.child_command(tmp_path / "nothing", tmp_path / "base", ["train-001"])
    done = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert told(done.stdout)[-1].kind == "failed"


def test_the_frozen_application_starts_itself(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = child.child_command(tmp_path / "p", tmp_path / "b", ["train-001"])
    assert command[1:] == ["--answer", str(tmp_path / "p"), str(tmp_path / "b"), "train-001"]
