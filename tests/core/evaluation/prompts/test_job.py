"""The job itself runs on the walked project in the tests of the command."""

from types import SimpleNamespace

from core.data.example import Example, Message, Source
from core.evaluation.compared import Formatting
from core.evaluation.prompts import job
from core.evaluation.prompts.shots import Asker


def test_more_examples_are_compared_with_none(monkeypatch):
    questions = [
        Example((Message("user", f"q{n}"), Message("assistant", f"word{n}")), Source("f", n))
        for n in range(20)
    ]
    wanted = [question.answer for question in questions]
    told = []

    def answers(_self, asked, shots, progress):
        assert shots == (0, 1, 3, 5)
        progress(len(asked))
        return {0: ["no"] * 20, 1: wanted}

    monkeypatch.setattr(Asker, "answers", answers)
    asker = Asker(None, None, "cpu", None, 9)  # type: ignore[arg-type]
    link = SimpleNamespace(progress=lambda *said: told.append(str(said[0])))
    found = job._tried(asker, questions, Formatting(), link)
    assert found["measure"] == "exact_match"
    assert [(one.shots, one.word) for one in found["tried"]] == [(0, "unknown"), (1, "better")]
    assert told[0] == "The base model answers with examples before each question"
