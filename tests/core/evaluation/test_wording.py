from core.chat.everyday import KINDS
from core.evaluation.wording import groups_of, measured, notes_of
from core.jobs.scores import Difference, Forgetting, Scores
from core.jobs.spec import EvaluationResult


def result(*found, **more):
    base = Scores(perplexity=30.0, exact_match=0.0, chrf=20.0)
    tuned = Scores(perplexity=8.44, exact_match=0.914, chrf=40.0)
    return EvaluationResult(examples=9, base=base, tuned=tuned, differences=list(found), **more)


def difference(measure, before, after, low, high, word="better", **more):
    return Difference(
        measure=measure, count=9, before=before, after=after, low=low, high=high, word=word, **more
    )


def test_lines_in_their_order_with_intervals() -> None:
    found = [
        difference("chrf", 20, 41.26, 12.1, 30.44),
        difference("perplexity", 43.6, 6.27, -0.891, -0.82),
        difference("exact_match", 0.1, 0.06, -0.1, 0.02, "none"),
    ]
    ((heading, lines),) = groups_of(result(*found))
    assert heading == ""
    assert [line.text for line in lines] == [
        "Perplexity: base 43.6, yours 6.3: -86 % (-89 % to -82 %), better",
        "Exact match: base 10 %, yours 6 %: -4 (-10 to +2), no difference found",
        "chrF: base 20.0, yours 41.3: +21.3 (+12.1 to +30.4), better",
    ]


def test_tasks_and_earlier_runs_stand_below() -> None:
    found = [
        difference("chrf", 1, 2, 0, 1, against="train-001"),
        difference("chrf", 1, 2, 0, 1, against="train-001", task="b"),
        difference("chrf", 1, 2, 0, 1, task="b"),
        difference("chrf", 1, 2, 0, 1, task="a"),
        difference("chrf", 1, 2, 0, 1),
        difference("of a later version", 1, 2, 0, 1),
    ]
    assert [(heading, len(lines)) for heading, lines in groups_of(result(*found))] == [
        ("", 1), ("Task “a”", 1), ("Task “b”", 1), ("Beside “train-001”", 1),
        ("Beside “train-001”, task “b”", 1),
    ]  # fmt: skip


def test_what_was_measured_before_there_were_intervals() -> None:
    ((heading, lines),) = groups_of(result(forgetting=Forgetting(base=2.0, tuned=2600.0)))
    assert [line.text for line in lines] == [
        "Perplexity: base 30.0, yours 8.4",
        "Exact match: base 0 %, yours 91 %",
        "chrF: base 20.0, yours 40.0",
        "Perplexity of everyday answers: base 2.0, yours 2,600",
    ]
    assert lines[0].change == lines[0].said == heading == ""


def test_an_endless_perplexity_is_readable() -> None:
    inf = float("inf")
    ((_heading, lines),) = groups_of(result(difference("perplexity", 2, inf, 5, inf, "worse")))
    assert lines[0].change == "∞ (+500 % to ∞)"


def test_kinds_of_everyday_questions_are_one_group() -> None:
    found = [difference("everyday", 0.5, 0.4, -0.2, 0.1, "unknown", task=kind)
             for kind in ("", *KINDS)]  # fmt: skip
    (whole, lines), (heading, kinds) = groups_of(result(*found))
    assert whole == ""
    assert [line.name for line in lines] == ["Everyday questions answered right"]
    assert heading == "Everyday questions by kind"
    assert len({line.name for line in kinds}) == len(KINDS)
    assert kinds[0].text.startswith("Arithmetic: base 50 %, yours 40 %: -10 (-20 to +10)")


def test_what_was_left_out_is_said() -> None:
    plain = "Measured on 9 unseen examples that were also used"
    assert measured(result()).startswith(plain)
    assert measured(result()).endswith("too good).")
    assert measured(result(left_out=4)).endswith(
        " 4 more were left out, as this fine-tune learned from ratings of them."
    )


def test_what_a_mixture_costs_a_task_stands_last() -> None:
    alone = difference("perplexity", 4.0, 4.4, 0.02, 0.18, "worse", task="a", against="train-002")
    found = groups_of(result(difference("chrf", 1, 2, 0, 1), single_tasks=[alone]))
    heading, (line,) = found[-1]
    assert heading == "Task “a” beside “train-002”, which learned it alone"
    assert line.change == "+10 % (+2 % to +18 %)"
    assert line.text.startswith("Perplexity: “train-002” 4.0, yours 4.4: +10 %")


def test_own_questions_that_were_learned_are_told() -> None:
    (note,) = notes_of(result(own_learned=["Who?"]))
    assert note.startswith("1 question of your own was not asked")
