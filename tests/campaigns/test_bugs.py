"""Short form of the campaign: every bug can still be planted, and two are."""

import ast
import re
from pathlib import Path

import pytest

from tests.campaigns import bugs
from tests.campaigns.bugs import ROOT, Copy, Outcome, outcome_of
from tests.campaigns.forked_runs import Tally
from tests.campaigns.planted_bugs import ALL, BY_PROMISE, Bug

CHEAP = ("hashes are not compared", "ties count as wins")


def test_there_are_enough_and_each_has_its_name():
    assert len(ALL) >= 60
    assert len({bug.name for bug in ALL}) == len(ALL)
    assert all(len(found) >= 8 for found in BY_PROMISE.values())


@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.name)
def test_it_can_be_planted(bug):
    """Its place is there exactly once, and what comes of it is still Python."""
    source = (ROOT / bug.file).read_text(encoding="utf-8")
    ast.parse(bug.planted_in(source))


@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.name)
def test_what_must_notice_it_is_there(bug):
    assert bug.tests
    for test in bug.tests:
        path, _, name = test.partition("::")
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {name or 'test_'}", source, re.M), test


def test_two_are_noticed(tmp_path):
    tally = Tally()
    bugs.run([bug for bug in ALL if bug.name in CHEAP], tmp_path, tally)
    assert (tally.cases, tally.failures) == (2, [])


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("copy"))


def planted(copy, **values) -> Outcome:
    sound = {
        "name": "a comment is lost",
        "file": "core/evaluation/rating/verdict.py",
        "old": "  # two-sided p below which the word",
        "new": "  # p below which the word",
        "tests": ("tests/core/evaluation/rating/test_verdict.py::test_sentences",),
    }
    before = {path: path.read_bytes() for path in copy.root.rglob("*.py")}
    outcome, _said = outcome_of(copy, Bug(**{**sound, **values}))
    assert before == {path: path.read_bytes() for path in copy.root.rglob("*.py")}
    return outcome


def test_what_no_test_notices_survives(copy):
    """The campaign itself can fail."""
    assert planted(copy) is Outcome.SURVIVED


def test_a_place_that_has_changed_is_a_failure(copy):
    assert planted(copy, old="this stands nowhere") is Outcome.UNTESTED
    assert planted(copy, old="Returns") is Outcome.UNTESTED
    assert planted(copy, file="core/nowhere.py") is Outcome.UNTESTED


def test_tests_that_are_not_there_notice_nothing(copy):
    assert planted(copy, tests=("tests/core/evaluation/test_nowhere.py",)) is Outcome.UNTESTED


def test_tests_that_fail_without_a_bug_notice_nothing(tmp_path, monkeypatch):
    broken = (4, "nothing was collected")
    monkeypatch.setattr(Copy, "test", lambda *_: broken)
    tally = Tally()
    bugs.run(ALL[:3], Path(tmp_path), tally)
    assert len(tally.failures) == tally.cases == 1
