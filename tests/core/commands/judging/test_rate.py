"""Blind rating as you type it."""

import io
import json

import pytest

from core.cli import main
from core.project import Project
from core.storage.files import read_json, write_json
from tests.core.commands.typed import said
from tests.core.evaluation.rating.compared_runs import compared_run


@pytest.fixture
def project(tmp_path):
    project = Project.create(tmp_path / "p")
    compared_run(project)
    compared_run(project)
    return project


@pytest.fixture
def rate(project, monkeypatch):
    def typed(keys, *arguments):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
        return main(["rate", "--project", str(project.root), *arguments])

    return typed


def test_it_is_left_and_continued_and_the_result_comes_at_the_end(rate, capsys):
    assert rate(["t", "t", "u", "e", "n", ""]) == 0
    told = said(capsys)
    assert "Question 1 of 12" in told and "Answer A: " in told
    assert "The same command continues here." in told
    assert rate(["t"] * 10) == 0
    captured = capsys.readouterr()
    assert "Question 3 of 12" in " ".join(captured.err.split())
    assert captured.out.splitlines() == [
        "Yours won 0, base 0, ties 11, both bad 1: not enough to tell.",
        "You rated 12 of 12 questions.",
    ]


def test_two_fine_tunes_and_a_second_rater(rate, capsys):
    assert rate(["a"] * 3 + ["r"], "--against", "train-001") == 0
    out = capsys.readouterr().out
    assert "“train-002” won" in out and "“train-001”" in out
    assert rate(["t"] * 12, "--against", "train-001", "--rater", "Ben", "--answers") == 0
    out = capsys.readouterr().out
    assert "Ben and Rater without a name judged 0 of 3 cases alike" in out
    assert "train-001: train-001 5" in out and "train-002: train-002 5" in out
    assert "Cut: the answer is longer than shown here." in out


def test_what_learned_from_ratings_is_rated_against_its_start(project, rate, capsys):
    newest = project.run("train-002")
    facts = read_json(newest.facts_file)
    write_json(newest.facts_file, {**facts, "more_of": "train-001", "preferences": True})
    assert rate(["t", ""]) == 0
    assert "Is “train-002” better than “train-001”?" in said(capsys)
    assert rate(["t", ""], "--against", "base") == 0
    assert "Is “train-002” really better than the base model?" in said(capsys)


def test_the_result_as_a_document(rate, capsys):
    assert rate(["t", ""]) == 0
    capsys.readouterr()
    assert rate([], "--result", "--answers", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rated"], found["questions"], found["ties"]) == (1, 12, 1)
    assert {one["outcome"] for one in found["answers"]} == {"tie", ""}


def test_what_is_not_compared_yet_is_refused(project, rate, capsys):
    project.new_run("train")
    assert rate([], "--run", "train-003") == 1
    assert said(capsys)
