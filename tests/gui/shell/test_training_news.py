from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.events import Event, Failed, Finished, Started, StateChanged, TrainStep
from core.jobs.link import Request
from core.jobs.status import recent_events
from core.jobs.supervisor import Supervisor
from core.project import Project, RunFolder
from gui.shell import training_news
from gui.shell.training_news import News, NewsKind, RunWatch, TrainingNews
from tests.gui import scenes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "Projekt ü 漢字")


@pytest.fixture
def run(project: Project) -> RunFolder:
    return project.new_run("train")


def test_what_was_before_is_no_news_but_gives_the_status(run: RunFolder) -> None:
    scenes.write_events(run, scenes.training_events(20, 40))
    watch = RunWatch(run)
    assert watch.status == "Step 20 of 40, about 40 s left"
    with scenes.alive(run):
        assert watch.look() == []


def test_pause_and_end_are_told_once(run: RunFolder) -> None:
    with scenes.alive(run):
        watch = RunWatch(run)
        scenes.write_events(run, [StateChanged(state="paused", reason="You paused it.")])
        (news,) = watch.look()
        assert news == News(
            NewsKind.PAUSED, run.name, "Training is paused", "train-001: You paused it."
        )
        assert watch.status == "Paused"
        scenes.write_events(run, [StateChanged(state="running")])
        assert watch.paused
        assert [item.kind for item in watch.look()] == [NewsKind.RUNNING]
        assert (watch.status, watch.paused) == ("Running again", False)
        assert watch.look() == []
        scenes.write_events(run, [Finished(outcome="completed")])
        assert [item.title for item in watch.look()] == ["Training is done"]
    assert watch.look() == []
    assert watch.over


def test_what_waits_by_itself_is_not_the_persons_pause(run: RunFolder) -> None:
    hot = StateChanged(state="paused", reason="The card is too hot.", by_itself=True)
    with scenes.alive(run):
        watch = RunWatch(run)
        scenes.write_events(run, [hot])
        (news,) = watch.look()
        assert (news.kind, news.title) == (NewsKind.PAUSED, "Training is waiting")
        assert news.text == "train-001: The card is too hot. It continues automatically."
        assert (watch.status, watch.paused) == ("Waiting; resumes automatically", False)


def test_a_pause_is_remembered_behind_hours_of_readings(run: RunFolder) -> None:
    readings = [scenes.telemetry(at, 20, card=True) for at in range(3000)]
    pause = StateChanged(state="paused", reason="You paused it.")
    scenes.write_events(run, [*scenes.training_events(20, 40), pause, *readings])
    watch = RunWatch(run)
    assert (watch.status, watch.paused) == ("Paused", True)


def test_what_is_told_while_the_history_is_read_is_news(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*arguments: Any) -> list[Event]:
        scenes.write_events(run, [Finished(outcome="completed")])
        return recent_events(*arguments)

    monkeypatch.setattr(training_news, "recent_events", late)
    watch = RunWatch(run)
    assert not watch.over
    assert [item.kind for item in watch.look()] == [NewsKind.DONE]


def test_a_child_on_its_way_is_no_death(run: RunFolder) -> None:
    Supervisor(run).ask(Request.RUN)
    assert RunWatch(run).look() == []


def test_a_death_without_a_word_is_told(run: RunFolder) -> None:
    with scenes.alive(run):
        watch = RunWatch(run)
        assert watch.look() == []
    (news,) = watch.look()
    assert news.kind is NewsKind.FAILED
    assert "killed" in news.text
    assert watch.look() == []


def test_an_end_before_the_first_look_is_no_death(run: RunFolder) -> None:
    scenes.write_events(run, [Finished(outcome="completed")])
    watch = RunWatch(run)
    assert watch.over
    assert watch.look() == []


@pytest.mark.parametrize("end", [scenes.out_of_memory(), Finished(outcome="stopped")])
def test_a_resumed_training_is_not_over(run: RunFolder, end: Failed | Finished) -> None:
    scenes.write_events(run, [*scenes.training_events(5, 20), end, Started(job="train")])
    with scenes.alive(run):
        watch = RunWatch(run)
        assert (watch.over, watch.status) == (False, "Getting ready")
        assert watch.look() == []
        steps = scenes.training_events(1, 20, first=6)
        scenes.write_events(run, [event for event in steps if isinstance(event, TrainStep)])
        assert watch.look() == []
        assert watch.status.startswith("Step 6 of 20")
        scenes.write_events(run, [Finished(outcome="completed")])
        assert [item.kind for item in watch.look()] == [NewsKind.DONE]


def test_an_end_and_a_new_start_between_two_looks(run: RunFolder) -> None:
    with scenes.alive(run):
        watch = RunWatch(run)
        scenes.write_events(run, [scenes.out_of_memory(), Started(job="train")])
        assert [item.kind for item in watch.look()] == [NewsKind.FAILED]
        assert not watch.over


def test_one_training_after_the_other_is_followed(project: Project, qtbot: QtBot) -> None:
    parent = QObject()
    news = TrainingNews(parent)
    told: list[News] = []
    news.told.connect(told.append)
    for _ in range(2):
        run = project.new_run("train")
        with FileLock(run.lock_file):
            news.watch(project)
            scenes.until(qtbot, lambda run=run: news.run == run)
            scenes.write_events(run, [scenes.out_of_memory()])
            news.look_now()
            scenes.until(qtbot, lambda: news.run is None)
    assert [(item.run, item.kind) for item in told] == [
        ("train-001", NewsKind.FAILED), ("train-002", NewsKind.FAILED)
    ]  # fmt: skip
    assert "not enough" in told[0].text
    assert news.status == ""
    news.watch(None)
    news.shut_down()
