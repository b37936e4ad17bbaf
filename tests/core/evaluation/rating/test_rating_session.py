from pathlib import Path

import pytest

from core.evaluation.rating.criteria import CRITERIA
from core.evaluation.rating.rating_session import Choice
from core.evaluation.rating.ratings import AnswerPair, Ratings
from tests.core.evaluation.rating.test_ratings import PAIRS, tuned_side


def test_totals_know_who_won(tmp_path: Path) -> None:
    with Ratings(tmp_path / "r.sqlite") as ratings:
        session = ratings.session("r", PAIRS, seed=3)
        for position in range(9):
            question = session.question(position)
            assert question is not None
            mine = tuned_side(question)
            other: Choice = "b" if mine == "a" else "a"
            choice: Choice = mine if position < 5 else other if position < 7 else "tie"
            session.rate(question, choice, {mine: {"tone": 5, "accuracy": 4}, other: {"tone": 2}})
        totals = session.totals()
        verdict = totals.verdict
        assert (verdict.tuned_wins, verdict.base_wins, verdict.ties) == (5, 2, 2)
        assert (totals.rated, totals.questions) == (9, 10)
        assert totals.tuned_scores == {"accuracy": 4.0, "tone": 5.0}
        assert totals.base_scores == {"tone": 2.0}
        parts = [session.totals(kind) for kind in ("held_out", "general")]
        assert [part.questions for part in parts] == [8, 2]
        assert sum(part.rated for part in parts) == 9


def test_undo_goes_back_step_by_step(tmp_path: Path) -> None:
    with Ratings(tmp_path / "r.sqlite") as ratings:
        session = ratings.session("r", PAIRS)
        assert session.undo() is None
        rated = []
        for choice in ("a", "tie", "both_bad"):
            question = session.next_question()
            assert question is not None
            session.rate(question, choice, {"a": dict.fromkeys(CRITERIA, 3)})  # type: ignore[arg-type]
            rated.append(question)
        first = rated[0]
        session.rate(first, "b")
        assert session.undo() == first
        assert session.undo() == rated[2]
        assert session.rating(rated[2]) is None
        kept = session.rating(rated[1])
        assert kept is not None
        assert kept.choice == "tie"
        assert kept.scores["a"] == dict.fromkeys(CRITERIA, 3)
        assert session.next_question() == first


@pytest.mark.parametrize("score", [0, 6])
def test_scores_outside_one_to_five_leave_nothing_behind(tmp_path: Path, score: int) -> None:
    with Ratings(tmp_path / "r.sqlite") as ratings:
        session = ratings.session("r", PAIRS)
        question = session.next_question()
        assert question is not None
        with pytest.raises(Exception, match="CHECK"):
            session.rate(question, "a", {"a": {"tone": score}})
        assert session.rated == 0


def test_what_is_shown_does_not_hold_the_models_names(tmp_path: Path) -> None:
    pairs = [AnswerPair("q", "first text", "second text", "reference")]
    with Ratings(tmp_path / "r.sqlite") as ratings:
        question = ratings.session("r", pairs).next_question()
    assert "tuned" not in repr(question)
    assert "base" not in repr(question)
