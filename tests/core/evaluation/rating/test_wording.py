from core.evaluation.rating.ratings import BlindQuestion
from core.evaluation.rating.revealed import Revealed
from core.evaluation.rating.wording import authors, cut_text, outcome_text, place_text


def test_questions_say_what_they_are():
    for kind, end in (("general", "everyday question"), ("own", "your own question"),
                      ("held_out", "example not trained on")):  # fmt: skip
        question = BlindQuestion(1, 2, kind, "q", "", "a", "b")
        assert place_text(question, 50) == f"Question 3 of 50 · {end}"


def test_authors_are_named():
    assert authors("", "train-002") == {"tuned": "Your fine-tune", "base": "Base model"}
    assert authors("train-001", "train-002") == {"tuned": "train-002", "base": "train-001"}
    assert outcome_text("base") == "Lost"


def test_a_cut_is_said_where_it_is():
    cut = Revealed(0, "own", "q", "", "a", "b", "tie", frozenset({"base"}), False, {})  # type: ignore[arg-type]
    assert cut_text(cut, "base").startswith("Cut:")
    assert cut_text(cut, "tuned") == ""
