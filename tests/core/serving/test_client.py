import sys
import threading

import pytest

from core.errors import UserFacingError
from core.serving import client
from tests.core.serving.conftest import PATIENCE, Heard, ask


def test_the_first_question_loads_the_model(processes):
    process, told = processes()
    heard = Heard()
    assert process.state == "off"
    process.ask(ask("Good morning to you"), heard)
    assert heard.last().reason == "stop"
    assert heard.text == "Good morning to you"
    assert [status.kind for status in told.statuses] == ["loading", "loading", "ready"]
    assert process.state == "ready"
    assert process.ready.models == ("base", "train-001")


def test_many_answers_come_at_once_and_whole(processes):
    process, _told = processes()
    heards = {f"q{n}": Heard() for n in range(20)}
    for id, heard in heards.items():
        process.ask(ask(f"answer to {id}", id), heard)
    for id, heard in heards.items():
        assert heard.last().reason == "stop"
        assert heard.text == f"answer to {id}"
    assert process.in_progress == 0


def test_cancelling_ends_an_answer(processes):
    process, _told = processes(delay=0.02)
    heard, begun = Heard(), threading.Event()
    process.ask(ask("words 5000"), lambda event: (heard(event), begun.set()))
    assert begun.wait(PATIENCE)
    process.cancel("a")
    process.cancel("unknown")
    assert heard.last().reason == "cancelled"


def test_a_death_is_one_refusal_for_each_that_waits(processes):
    process, told = processes(delay=0.05)
    waiting, last = Heard(), Heard()
    process.ask(ask("words 5000", "w"), waiting)
    process.ask(ask("die 9", "d"), last)
    assert waiting.last().code == last.last().code == "job.killed"
    assert told.wait_for("failed").todo == client._AGAIN
    assert process.state == "failed"


def test_after_a_death_the_next_question_loads_it_again(processes):
    process, told = processes()
    heard, again = Heard(), Heard()
    process.ask(ask("die 9", "d"), heard)
    heard.last()
    told.wait_for("failed")
    process.ask(ask("Hello", "h"), again)
    assert again.last().reason == "stop"
    assert process.state == "ready"


def test_a_load_that_fails_refuses_with_its_reason(processes):
    process, told = processes(behaviour="no_memory")
    heard = Heard()
    process.ask(ask(), heard)
    assert heard.last().code == "serving.out_of_memory"
    assert told.wait_for("failed").code == "serving.out_of_memory"


def test_closing_cancels_what_is_in_progress(processes):
    process, told = processes(delay=0.02)
    heard, begun = Heard(), threading.Event()
    process.ask(ask("words 5000"), lambda event: (heard(event), begun.set()))
    assert begun.wait(PATIENCE)
    process.close()
    assert heard.last().reason == "cancelled"
    told.wait_for("unloaded")
    assert process.state == "off"


def test_closing_while_it_loads_leaves_nothing(processes):
    process, told = processes(behaviour="hang")
    process.start()
    told.wait_for("loading")
    process.close()
    assert process.state == "off"


def test_a_child_that_does_not_end_is_killed_and_that_is_no_failure(processes, monkeypatch):
    monkeypatch.setattr(client, "_ENDING_SECONDS", 0.2)
    process, told = processes()
    process._command = [sys.executable, "-c", "import time; time.sleep(600)"]
    heard = Heard()
    process.ask(ask(), heard)
    process.close()
    assert heard.last().reason == "cancelled"
    told.wait_for("unloaded")
    assert process.state == "off"


def test_an_idle_model_is_let_go_and_loaded_again(processes):
    process, told = processes(idle_seconds=0.2)
    first, second = Heard(), Heard()
    process.ask(ask("one", "1"), first)
    first.last()
    told.wait_for("unloaded")
    process.ask(ask("two", "2"), second)
    assert second.last().reason == "stop"


def test_a_question_while_it_is_let_go_is_answered(processes):
    process, _told = processes()
    for number in range(3):
        first, second = Heard(), Heard()
        process.ask(ask("one", f"a{number}"), first)
        first.last()
        closing = threading.Thread(target=process.close)
        closing.start()
        process.ask(ask("two", f"b{number}"), second)
        assert second.last().kind == "done"
        closing.join()


def test_a_hearer_that_fails_does_not_stop_the_others(processes):
    process, _told = processes()

    def fail(_event):
        raise RuntimeError("a bug in the window")

    heard = Heard()
    process.ask(ask("one two", "1"), fail)
    process.ask(ask("three", "2"), heard)
    assert heard.last().reason == "stop"


def test_no_room_is_refused_before_anything_starts(processes, monkeypatch, project):
    process, _told = processes()
    process._look_for_room = True

    def refuse(*_arguments):
        raise UserFacingError("serving.no_room", "W.", "T.")

    monkeypatch.setattr(client, "serving_need", lambda *_a: None)
    monkeypatch.setattr(client, "require_room", refuse)
    with pytest.raises(UserFacingError):
        process.ask(ask(), Heard())
    assert process.state == "off"
    assert process.in_progress == 0


def test_a_child_that_cannot_be_started_is_said(processes):
    process, _told = processes()
    process._command = ["/nonexistent/program"]
    with pytest.raises(UserFacingError) as refusal:
        process.start()
    assert refusal.value.code == "job.crashed"
    assert process.state != "ready"
