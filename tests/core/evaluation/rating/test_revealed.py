from core.evaluation.rating.ratings import AnswerPair, Ratings


def test_authors_outcomes_marks_and_cuts(tmp_path):
    mark = "\n\n[…]"
    pairs = [
        AnswerPair("q0", f"base{mark}", f"tuned{mark}", base_cut=True),
        AnswerPair("q1", f"base{mark}", f"tuned{mark}"),
        AnswerPair("q2", "base", "tuned", "expected", "own"),
        AnswerPair("q3", "base", "tuned"),
    ]
    with Ratings(tmp_path / "r.sqlite") as ratings:
        session = ratings.session("train-001", pairs)
        for position in range(4):
            question = session.question(position)
            mine = "a" if question.answer_a.startswith("tuned") else "b"
            other = "b" if mine == "a" else "a"
            choice = {"q0": mine, "q1": other, "q2": "both_bad"}.get(question.question)
            if choice:
                session.rate(question, choice, {mine: {"tone": 5}, other: {"tone": 2}})
        found = {one.question: one for one in session.revealed()}
    assert {name: one.outcome for name, one in found.items()} == {
        "q0": "tuned", "q1": "base", "q2": "both_bad", "q3": "",
    }  # fmt: skip
    assert {(one.mine, one.other) for one in found.values()} == {("tuned", "base")}
    assert found["q0"].cut == {"base"}
    assert not found["q0"].either_cut
    assert found["q1"].either_cut, "which one was not kept"
    assert found["q2"].marks == {"tuned": {"tone": 5}, "base": {"tone": 2}}
    assert found["q3"].marks == {"tuned": {}, "base": {}}
