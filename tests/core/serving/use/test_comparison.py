import math
import random

import pytest

from core.errors import UserFacingError
from core.generation.spec import Done
from core.serving.use.comparison import (
    ERROR,
    begin,
    drawn_for,
    evidence,
    interval,
    open_database,
    present,
    standing,
)
from core.serving.use.record import UseRecord
from tests.core.serving.conftest import ask


@pytest.fixture
def database(project):
    opened = open_database(project)
    yield opened
    opened.close()


def series(share_used, marks, dice):
    """Yield (wins, losses) after every mark; ``share_used`` of the first and second model."""
    wins = 0
    for mark in range(1, marks + 1):
        first = dice.random() < 0.5
        used = dice.random() < share_used[0 if first else 1]
        wins += first == used
        yield wins, mark - wins


LIMIT = -math.log(ERROR)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.9])
def test_equal_models_are_called_different_in_at_most_five_of_a_hundred(share):
    """Whoever looks after every mark, 600 times, is still wrong in at most 5 % of all series."""
    dice, wrong, runs = random.Random(7), 0, 1000
    for _run in range(runs):
        wrong += any(
            evidence(max(w, n), w + n) >= LIMIT for w, n in series((share, share), 600, dice)
        )
    assert wrong / runs <= ERROR


def test_the_usual_test_would_be_wrong_far_more_often():
    dice, wrong, runs = random.Random(7), 0, 300
    for _run in range(runs):
        wrong += any(
            w + n >= 10 and abs(w - n) > 1.96 * math.sqrt(w + n)
            for w, n in series((0.5, 0.5), 600, dice)
        )
    assert wrong / runs > 0.2


def test_a_difference_is_found_and_the_right_one():
    dice, lengths = random.Random(3), []
    for _run in range(200):
        for wins, losses in series((0.73, 0.27), 600, dice):
            if standing(wins, losses).enough:
                assert wins > losses
                lengths.append(wins + losses)
                break
    assert len(lengths) == 200
    assert sorted(lengths)[100] < 80


def test_the_interval_holds_at_all_times():
    dice, missed, runs, share = random.Random(11), 0, 300, 0.5 + (0.8 - 0.4) / 2
    for _run in range(runs):
        for n, (wins, losses) in enumerate(series((0.8, 0.4), 200, dice)):
            low, high = interval(wins, wins + losses)
            if n % 5 == 0 and not low <= share <= high:
                missed += 1
                break
    assert missed / runs <= ERROR


def test_what_is_enough_and_how_much_more_it_takes():
    assert standing(0, 0).sentence == "Not enough yet."
    assert standing(0, 0).more is None
    few = standing(8, 4)
    assert not few.enough
    assert f"about {few.more} more" in few.sentence
    clear = standing(73, 27)
    assert clear.enough
    assert clear.sentence == "Enough: one of the two is better."
    assert clear.low > 0.5
    alike = standing(1000, 1000)
    assert alike.alike
    assert alike.sentence == "Enough: there is no difference that matters."


def test_what_is_foretold_comes_true_about():
    few = standing(20, 10)
    later = standing(20 + round(few.more * 21 / 32), 10 + round(few.more * 11 / 32))
    assert later.enough


def test_the_models_are_drawn_evenly_and_stay_hidden(database):
    comparison = begin(database, "base", "train-001")
    drawn = [comparison.draw(f"r{n}") for n in range(400)]
    assert 140 < drawn.count("base") < 260
    assert comparison.draw("r0") == drawn[0], "the same request keeps its model"
    assert not any("base" in str(value) for value in vars(comparison.standing().__class__))
    assert "base" not in repr(comparison.standing())


def test_used_and_unused_answers_count_and_the_end_names_them(database):
    comparison = begin(database, "base", "train-001")
    for n in range(100):
        model = comparison.draw(f"r{n}")
        comparison.mark(f"r{n}", used=model == "train-001")
    found = comparison.standing()
    assert (found.marks, found.ahead, found.enough) == (100, 100, True)
    outcome = comparison.end()
    assert outcome.better == "train-001"
    assert outcome.second_used == outcome.second_answers
    assert outcome.first_used == 0
    assert outcome.verdict.outcome == "better"
    comparison.mark("r0", used=None)
    assert comparison.standing().marks == 100, "after the end nothing changes"
    assert present(database) is None


def test_a_mark_can_be_taken_back(database):
    comparison = begin(database, "base", "train-001")
    comparison.draw("a")
    comparison.mark("a", used=True)
    assert comparison.standing().marks == 1
    comparison.mark("a", used=None)
    assert comparison.standing().marks == 0
    assert comparison.end().better == ""


def test_one_of_two_answers_is_one_mark(database):
    comparison = begin(database, "base", "train-001")
    models = comparison.draw_both("a", "b")
    assert set(models) == {"base", "train-001"}
    comparison.pick("b", "a")
    comparison.pick("a", "b")  # the last word counts
    assert comparison.standing().marks == 1
    outcome = comparison.end()
    won = outcome.verdict.base_wins if models[0] == "base" else outcome.verdict.tuned_wins
    assert won == 1


def test_it_goes_on_after_a_restart(project, database):
    begin(database, "base", "train-001").draw("a")
    again = open_database(project)
    present(again).mark("a", used=True)
    assert present(again).standing().marks == 1
    again.close()


def test_one_comparison_at_a_time_and_of_two_models(database):
    for _try in range(2):
        with pytest.raises(UserFacingError) as error:
            begin(database, "base", "base")
        assert error.value.code == "use.comparing"
    begin(database, "base", "train-001")
    with pytest.raises(UserFacingError):
        begin(database, "base", "train-002")


def test_answers_to_mark_do_not_say_who_gave_them(project, database):
    comparison = begin(database, "base", "train-001")
    with UseRecord(project) as record:
        for n in range(3):
            model = drawn_for(project, f"r{n}")
            asked = ask(f"question {n}", f"r{n}", model=model)
            record.add(asked, "x", Done(id=f"r{n}", reason="stop"), characters=200)
    found = comparison.to_mark()
    assert [one.prompt for one in found] == ["question 2", "question 1", "question 0"]
    assert "base" not in repr(found)
    assert "train" not in repr(found)
    with UseRecord(project) as record:
        assert {use.model for use in record.newest()} == {""}
        assert record.counts().models == ()
    comparison.mark("r1", used=False)
    assert len(comparison.to_mark()) == 2
    comparison.end()
    with UseRecord(project) as record:
        assert {use.model for use in record.newest()} <= {"base", "train-001"}


def test_a_pair_of_the_chat_is_marked_once(project, database):
    comparison = begin(database, "base", "train-001")
    for name, model in zip("ab", comparison.draw_both("a", "b"), strict=True):
        with UseRecord(project) as record:
            asked, done = ask("question", name, model=model), Done(id=name, reason="stop")
            record.add(asked, "x", done, characters=200, source="chat")
    assert comparison.to_mark() == []
    comparison.pick("a", "b")
    assert comparison.to_mark() == []
    assert comparison.standing().marks == 1


def test_nothing_is_drawn_where_nothing_is_compared(project, database):
    assert drawn_for(project, "a") is None
    begin(database, "base", "train-001").end()
    assert drawn_for(project, "a") is None


def test_the_end_in_words(database):
    comparison = begin(database, "base", "train-001")
    for n in range(40):
        comparison.mark(f"r{n}", used=comparison.draw(f"r{n}") == "base")
    outcome = comparison.end()
    said = f"You used {outcome.first_answers} of {outcome.first_answers} answers by “base” and 0 of"
    assert outcome.sentence.startswith(said)
