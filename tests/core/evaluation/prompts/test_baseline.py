from types import SimpleNamespace

from core.data.example import Example, Message, Source
from core.evaluation.compared import Formatting
from core.evaluation.prompts import shots
from core.evaluation.prompts.baseline import prompted


def test_each_number_of_examples_is_beside_none_and_the_fine_tune(monkeypatch):
    questions = [
        Example((Message("user", f"q{n}"), Message("assistant", f"word{n}")), Source("f", n))
        for n in range(12)
    ]
    wanted = [question.answer for question in questions]
    told = []

    def answers(_self, asked, counts, progress):
        assert tuple(counts) == (1, 3, 5)
        progress(len(asked))
        right = {1: 3, 3: 6}
        return {n: [*wanted[:k], *["no"] * (len(asked) - k)] for n, k in right.items()}

    monkeypatch.setattr(shots.Asker, "answers", answers)
    asker = shots.Asker(None, None, "cpu", None, 9)  # type: ignore[arg-type]
    link = SimpleNamespace(progress=lambda *said: told.append(str(said[0])))
    found = prompted(
        asker, questions, Formatting(), (["no"] * 12, wanted), "exact_match", link=link
    )
    assert [one.shots for one in found] == [0, 1, 3], "five had no room"
    assert [one.scores["exact_match"] for one in found] == [0.0, 0.25, 0.5]
    assert found[2].share == 0.5
    assert found[2].tuned["exact_match"] == 1.0
    assert told[0] == "The base model answers with examples before each question"
