import sqlite3
import threading

import pytest

from core.errors import UserFacingError
from core.generation.spec import Done, Turn
from core.serving.use.record import (
    Recorder,
    RecordSettings,
    UseRecord,
    draw_of,
    record_settings,
    set_record,
)
from tests.core.serving.conftest import ask


def add(record, id="a", prompt="What is 2?", answer="It is 2.", characters=200, **values):
    done = {"reason": "stop", "tokens": 4, "seconds": 1.5, "first_token_seconds": 0.2, **values}
    record.add(ask(prompt, id), answer, Done(id=id, **done), characters=characters)


def drawn(count):
    """Return names of requests that are drawn for review."""
    names = (f"request-{n}" for n in range(100_000))
    return [name for name in names if draw_of(name) < 0.05][:count]


def test_an_answer_is_recorded_once(record):
    add(record)
    add(record, answer="again")
    (use,) = record.newest()
    assert (use.model, use.prompt, use.answer, use.reason) == (
        "base", "What is 2?", "It is 2.", "stop",
    )  # fmt: skip
    assert (use.seconds, use.first_token, use.tokens) == (1.5, 0.2, 4)
    assert use.whole
    assert use.mark is None


@pytest.mark.parametrize(("characters", "kept"), [(200, 200), (5, 5), (0, 0)])
def test_as_much_of_the_question_is_kept_as_is_wished(record, characters, kept):
    add(record, prompt="x" * 300, characters=characters)
    (use,) = record.newest()
    assert len(use.prompt) == kept
    assert not use.whole
    assert bool(use.answer) == bool(characters)


def test_the_last_question_and_the_system_prompt_are_kept(record):
    asked = ask("x", "a").model_copy(
        update={
            "messages": (
                Turn(role="system", content="Be short."),
                Turn(role="user", content="one"),
                Turn(role="assistant", content="1"),
                Turn(role="user", content="two"),
            )
        }
    )
    record.add(asked, "2", Done(id="a", reason="stop"), characters=200)
    (use,) = record.newest()
    assert (use.system, use.prompt, use.turns) == ("Be short.", "two", 3)


def test_the_figures(record):
    for n in range(4):
        add(record, f"r{n}", seconds=float(n))
    add(record, "cut", reason="cancelled", seconds=99.0)
    found = record.counts()
    assert found.requests == 5
    assert found.models == (("base", 5),)
    assert found.tokens == 20
    assert found.median_seconds == 1.0
    assert [seconds for _at, seconds in record.latency()] == [0.0, 1.0, 2.0, 3.0]


def test_an_empty_record_has_figures_too(record):
    found = record.counts()
    assert (found.requests, found.median_seconds, found.drawn) == (0, None, 0)
    assert record.latency() == []


def test_five_in_a_hundred_are_drawn_and_always_the_same():
    share = sum(draw_of(f"request {n}") < 0.05 for n in range(20_000)) / 20_000
    assert 0.045 < share < 0.055
    assert draw_of("a") == draw_of("a")


def test_what_is_drawn_is_reviewed_once(record):
    names = drawn(3)
    for name in (*names, "not-drawn-by-its-name"):
        add(record, name)
    first, *rest = record.to_review()
    assert len(rest) == 2
    record.mark(first.id, "right")
    assert [use.id for use in record.to_review()] == [use.id for use in rest]
    found = record.counts()
    assert (found.drawn, found.drawn_open, found.right) == (3, 2, 1)
    record.unmark(first.id)
    assert len(record.to_review()) == 3


def test_marks_can_be_changed_and_decide_what_becomes_an_example(record):
    add(record, "a")
    add(record, "b", prompt="y" * 300)  # cut, so nobody knows what was asked
    add(record, "c", reason="length")
    for name in ("a", "b", "c"):
        record.mark(record.find(name).id, "right")
    assert [use.answer for use in record.usable()] == ["It is 2."]
    record.mark(record.find("c").id, "edited", "It is two.")
    assert [use.edited for use in record.usable()] == ["", "It is two."]
    record.mark(record.find("a").id, "wrong")
    assert len(record.usable()) == 1
    record.note_version([record.find("c").id], "hash")
    assert record.usable() == []
    assert record.find("c").version == "hash"
    assert [use.id for use in record.marked()]
    with pytest.raises(ValueError, match="needs a text"):
        record.mark(1, "edited", " ")


def test_a_conversation_of_several_turns_is_no_example(record):
    asked = ask("x", "a")
    asked = asked.model_copy(update={"messages": asked.messages * 2})
    record.add(asked, "1", Done(id="a", reason="stop"), characters=200)
    record.mark(1, "right")
    assert record.usable() == []


def test_everything_can_be_forgotten(record):
    add(record)
    record.mark(1, "right")
    record.forget()
    assert record.counts().requests == record.counts().right == 0


def test_a_file_with_values_of_another_kind_is_damaged(project, record):
    add(record)
    with sqlite3.connect(project.use_file) as connection:
        connection.execute("UPDATE requests SET prompt = x'00ff', tokens = 'many'")
    connection.close()
    with pytest.raises(UserFacingError) as error:
        record.newest()
    assert error.value.code == "use.damaged"


def test_the_settings_are_kept_and_damaged_ones_record_nothing(project):
    assert record_settings(project) == RecordSettings(on=True, characters=200)
    set_record(project, RecordSettings(on=False, characters=50))
    assert record_settings(project) == RecordSettings(on=False, characters=50)
    project.update_info(record={"characters": "everything"})
    assert not record_settings(project).on


def test_the_recorder_writes_everything_and_in_the_background(project):
    recorder = Recorder(project, "chat")
    done = Done(id="x", reason="stop")
    threads = [
        threading.Thread(target=recorder.finished, args=(ask("q", f"r{n}"), "a", done))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    with UseRecord(project) as record:
        assert record.counts().requests == 20
        assert {use.source for use in record.newest()} == {"chat"}


def test_nothing_is_written_while_it_is_off(project):
    set_record(project, RecordSettings(on=False))
    recorder = Recorder(project)
    recorder.finished(ask(), "a", Done(id="a", reason="stop"))
    recorder.close()
    assert not project.use_file.exists()
