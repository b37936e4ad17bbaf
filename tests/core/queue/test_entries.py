import time

import pytest
from filelock import FileLock

from core.errors import UserFacingError
from core.events import Failed, Finished, Started, TrainStep, to_line
from core.hardware.system.energy import Range
from core.language import PSEUDO
from core.project import Project
from core.queue import entries as queue
from core.storage.files import write_json
from tests.core.queue.queues import add, names, states


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Projekt ü 漢字")


def end(run, event):
    run.events_file.write_text(to_line(Started(job="train")) + to_line(event), encoding="utf-8")


def test_an_empty_queue(project):
    assert queue.read_queue(project) == ()
    assert queue.total(()) == queue.Total(0, Range(0, 0), None)
    assert queue.live_training(project) is None
    assert queue.live_queue(project) is None


def test_what_was_added_keeps_order_title_and_forecast(project):
    add(project, "Balanced, seed 1")
    add(project, "Balanced, seed 2", joules=None)
    first, second = queue.load_queue(project)
    assert (first.title, first.seconds, first.joules) == (
        "Balanced, seed 1", (60, 120), (6000, 18_000)
    )  # fmt: skip
    assert second.joules is None
    assert states(project) == ["waiting", "waiting"]


def test_a_title_is_told_in_the_present_language(project, monkeypatch):
    from core.actions.plans import value_in_words

    add(project, value_in_words("seed", 7))
    assert queue.load_queue(project)[0].title == "Seed 7"
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", PSEUDO)
    told = queue.load_queue(project)[0].title
    assert told == value_in_words("seed", 7) != "Seed 7"


def test_states_come_from_the_run_folders(project):
    runs = [add(project) for _ in range(5)]
    end(runs[0], Finished(outcome="completed"))
    end(runs[1], Finished(outcome="stopped"))
    end(runs[2], Failed(code="x", what="It failed.", todo="Try again."))
    runs[3].events_file.write_text(to_line(Started(job="train")), encoding="utf-8")
    with FileLock(runs[4].lock_file):
        assert states(project) == ["done", "stopped", "failed", "interrupted", "running"]
        assert queue.live_training(project) == runs[4]


def test_one_waits_until_it_has_begun(project):
    run = add(project)
    assert queue.waits(project, run)
    assert not queue.waits(project, project.new_run("train"))
    run.events_file.write_text(to_line(Started(job="train")), encoding="utf-8")
    assert not queue.waits(project, run)


def test_only_waiting_trainings_change_places(project):
    runs = [add(project) for _ in range(4)]
    end(runs[1], Finished(outcome="completed"))
    queue.move(project, runs[2].name, -1)  # over the finished one
    assert names(project) == ["train-003", "train-002", "train-001", "train-004"]
    queue.move(project, "train-003", -1)  # the first stays the first
    queue.move(project, "train-002", 1)  # what has ended does not move
    queue.move(project, "train-004", 1)
    assert names(project) == ["train-003", "train-002", "train-001", "train-004"]


def test_removing_deletes_only_what_never_began(project):
    waiting, done = add(project), add(project)
    end(done, Finished(outcome="completed"))
    queue.remove(project, waiting.name)
    queue.remove(project, done.name)
    queue.remove(project, "train-099")
    assert names(project) == []
    assert not waiting.root.exists()
    assert done.root.exists()


def test_a_running_training_is_not_removed(project):
    run = add(project)
    with FileLock(run.lock_file), pytest.raises(UserFacingError) as caught:
        queue.remove(project, run.name)
    assert caught.value.code == "queue.running"
    assert names(project) == [run.name]


def test_totals(project):
    runs = [add(project) for _ in range(3)]
    end(runs[0], Finished(outcome="completed"))
    entries = queue.read_queue(project)
    assert queue.total(entries) == queue.Total(3, Range(180, 360), Range(18_000, 54_000))
    assert queue.total(entries, to_come=True).count == 2
    add(project, joules=None)
    assert queue.total(queue.read_queue(project)).joules is None, "unknown, not too little"


def test_the_next_is_the_first_that_waits(project):
    runs = [add(project) for _ in range(3)]
    end(runs[0], Finished(outcome="completed"))
    with queue.next_training(project, set()) as run:
        assert run == runs[1]
    with queue.next_training(project, {"train-002", "train-003"}) as run:
        assert run is None


def test_an_interrupted_training_comes_before_the_waiting_ones(project):
    runs = [add(project) for _ in range(2)]
    runs[1].events_file.write_text(to_line(Started(job="train")), encoding="utf-8")
    with queue.next_training(project, set()) as run:
        assert run == runs[1]


def test_a_deleted_run_is_forgotten(project):
    run = add(project)
    add(project)
    run.root.rename(project.root / "elsewhere")
    assert names(project) == ["train-002"]


@pytest.mark.parametrize("content", ["{", "17", '[{"title": 3}]', ""])
def test_a_damaged_file_is_kept_beside(project, content):
    project.queue_file.write_text(content)
    assert queue.load_queue(project) == ()
    assert (project.root / "queue.damaged.json").read_text() == content
    add(project)
    assert len(names(project)) == 1


def test_a_held_lock_is_told(project, monkeypatch):
    run = add(project)
    monkeypatch.setattr(queue, "_LOCK_SECONDS", 0.05)
    with FileLock(project.queue_lock), pytest.raises(UserFacingError) as caught:
        queue.move(project, run.name, 1)
    assert caught.value.code == "queue.busy"


def test_another_try_comes_next_with_the_forecast_of_the_first(project):
    for title in ("a", "b", "c"):
        add(project, title)
    end(project.run("train-001"), Finished(outcome="completed"))
    again = project.new_run("train")
    queue.add_after(project, "train-002", again, "b again")
    stranger = project.new_run("train")
    queue.add_after(project, "train-777", stranger, "first of all")
    items = {item.title: item for item in queue.load_queue(project)}
    assert list(items) == ["first of all", "a", "b", "b again", "c"]
    assert (items["b again"].seconds, items["b again"].joules) == ((60, 120), (6000, 18_000))
    assert (items["first of all"].seconds, items["first of all"].joules) == ((0, 0), None)


def test_what_must_be_mended_outside_goes_on_later(project):
    for _ in range(3):
        add(project)
    end(project.run("train-002"), Failed(code="card.lost", what="Gone.", todo="Restart."))
    assert states(project) == ["waiting", "interrupted", "waiting"]
    with queue.next_training(project, set()) as run:
        assert run == project.run("train-002")


def test_a_child_that_is_on_its_way_is_a_live_training(project):
    run = add(project)
    run.control_file.write_text('{"request": "run"}')
    assert queue.live_training(project) == run
    assert queue.is_at_work(project)


def test_of_what_runs_only_the_rest_is_to_come(project):
    run = add(project)
    add(project)
    step = TrainStep(
        step=3, total_steps=9, epoch=1, loss=1, learning_rate=1, grad_norm=1, tokens=1,
        trained_tokens=1, seconds=1, seconds_left=29.7,
    )  # fmt: skip
    run.events_file.write_text(to_line(Started(job="train")) + to_line(step), encoding="utf-8")
    with FileLock(run.lock_file):
        entries = queue.read_queue(project)
    assert [entry.left for entry in entries] == [30, None]
    assert queue.total(entries).seconds == Range(120, 240)
    assert queue.total(entries, to_come=True) == queue.Total(
        2, Range(90, 150), Range(6000 + 6000 / 4, 18_000 + 18_000 / 4)
    )


@pytest.mark.parametrize("name", ["..", ".", "", "/", "../runs/train-001", "nul", "a/b"])
def test_an_entry_that_leads_elsewhere_deletes_nothing(project, name):
    """An entry called “..” once deleted the whole project."""
    run = add(project)
    entry = {"run": name, "title": "x", "seconds": [1, 2]}
    write_json(project.queue_file, [entry])
    queue.remove(project, name)
    assert queue.load_queue(project) == ()
    assert run.root.is_dir()
    assert project.info()["name"]


@pytest.mark.parametrize(
    "content",
    [
        7,
        {"run": "train-001"},
        [{"run": "train-001", "title": "x", "seconds": [1]}],
        [{"run": "train-001", "title": "x", "seconds": [-1, 1e300]}],
        [{"run": "train-001", "title": 7, "seconds": [1, 2]}],
        [{"run": "train-001", "title": "x", "seconds": [1, 2]}] * 501,
    ],
)
def test_what_is_no_queue_is_put_aside(project, content):
    add(project)
    write_json(project.queue_file, content)
    assert queue.read_queue(project) == ()
    assert (project.root / "queue.damaged.json").is_file()


def test_a_title_without_end_is_cut(project):
    add(project, "x" * 10**5)
    (item,) = queue.load_queue(project)
    assert len(item.title) < 3000


def test_what_was_taken_out_can_be_put_back(project, monkeypatch):
    first, second = add(project), add(project)
    title = queue.load_queue(project)[0].title
    assert queue.removed(project) is None
    queue.remove(project, first.name)
    assert not first.root.exists()
    assert queue.removed(project).title == title
    queue.put_back(project)
    assert [item.run for item in queue.load_queue(project)] == [second.name, first.name]
    assert first.root.is_dir()
    assert queue.read_queue(project)[1].state == "waiting"
    assert queue.removed(project) is None
    assert queue.put_back(project) is None
    queue.remove(project, first.name)
    later = time.time() + 90_000
    monkeypatch.setattr(queue.time, "time", lambda: later)
    assert queue.removed(project) is None, "after a day nobody means it any more"
