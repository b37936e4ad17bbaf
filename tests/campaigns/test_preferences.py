"""The campaign on a tiny model, whose answers are made up: what is rated, learned and counted."""

import pytest

from core.preferences.collection import collect
from core.project import Project
from tests.campaigns import preferences
from tests.campaigns.preferences import Outcome, compared, nearer, run_campaign, shorter
from tests.core.training.conftest import examples


def test_the_rules_and_the_count_of_wins():
    assert shorter("ab", "") > shorter("abc", "")
    assert nearer("It is red.", "It is red.") > nearer("Blue!", "It is red.")
    three = examples(4)
    before, after = ["aaa", "aaa", "aaa", "aaa"], ["a", "aaaaa", "bbb", ""]
    assert compared(three, before, after, shorter) == (1, 1, 1)
    line = Outcome(0.7, 0.6, 20, 9.0, 60, 40, 5).line()
    assert "won 60 of 100 (60%, 50% to 69%), 5 ties" in line


@pytest.mark.parametrize("flipped", [False, True])
def test_a_taste_is_rated_and_learned(walked, tmp_path, monkeypatch, flipped):
    def answers(_project, run, questions, drawn=0):
        first = run == "train-001"
        long = "Well, `7`: It is 8, I think."
        return [["`7`: It is 8.", long] if drawn else [long if first else "8."] for _ in questions]

    monkeypatch.setattr(preferences, "answers_of", answers)
    values = {"max_steps": 4, "learning_rate": 5e-3}
    found = run_campaign(
        walked.project.root, tmp_path / "c", rule="shorter", rated=24, fresh=6, flipped=flipped,
        values=values,
    )  # fmt: skip
    (copy,) = (path for path in (tmp_path / "c").iterdir() if path.is_dir())
    judged = collect(Project.open(copy)).judgements
    short = sum(one.answer.text == "`7`: It is 8." for one in judged)
    assert len(judged) == 24 and (5 < short < 19 if flipped else short == 24)
    assert found.steps == 4
    if not flipped:
        assert found.after < found.before
        assert (found.wins, found.losses, found.ties) == (6, 0, 0)
