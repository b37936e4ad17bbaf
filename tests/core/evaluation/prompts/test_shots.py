from types import SimpleNamespace

import pytest

from core.chat.cuts import Answer
from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.evaluation.compared import Formatting
from core.evaluation.prompts import shots
from core.evaluation.prompts.nearest import Nearest
from core.evaluation.prompts.shots import Asker, ask_all, beside, with_examples


def example(question, answer="yes", system=""):
    first = (Message("system", system),) if system else ()
    return Example(
        (*first, Message("user", question), Message("assistant", answer)), Source("f", 1)
    )


TRAINING = [example(f"word{n} common", f"answer {n}", "Be brief.") for n in range(9)]
QUESTIONS = [example(f"word{n} question", system="Be kind.") for n in range(4)]


def asker(monkeypatch, reads=10_000):
    """An asker whose model answers with the number of turns that it was shown."""
    monkeypatch.setattr(
        shots, "render_prompt", lambda _t, turns: "|".join(f"{m.role}:{m.content}" for m in turns)
    )

    def answer(_model, _tokenizer, prompts, *, max_new_tokens, progress):
        progress(len(prompts))
        return [Answer(f"{prompt.count('|')} {max_new_tokens}") for prompt in prompts]

    monkeypatch.setattr(shots, "generate_answers", answer)
    config = SimpleNamespace(max_position_embeddings=reads)
    model = SimpleNamespace(
        config=SimpleNamespace(get_text_config=lambda: config),
        training=False, eval=lambda: None, train=lambda _on: None,
    )  # fmt: skip
    tokenizer = lambda text, **_more: {"input_ids": text.split("|")}  # noqa: E731
    return Asker(model, tokenizer, "cpu", Nearest.of(TRAINING), 6)


def test_examples_are_turns_before_the_question_under_its_own_system_prompt():
    turns = with_examples(QUESTIONS[2], TRAINING[:2])
    assert [m.role for m in turns] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert turns[0].content == "Be kind."
    assert turns[-1].content == "word2 question"


def test_one_three_and_five_are_asked_and_scored(monkeypatch):
    told = []
    found = ask_all(asker(monkeypatch), QUESTIONS, Formatting(".*6"), told.append)
    assert [one.shots for one, _answers in found] == [1, 3, 5]
    assert [answers[0] for _one, answers in found] == ["3 6", "7 6", "11 6"]
    assert all(one.count == 4 and one.scores["format_share"] == 1 for one, _answers in found)
    assert told == [12]


def test_no_more_examples_than_there_is_room_for(monkeypatch):
    found = ask_all(asker(monkeypatch, reads=6 + 9), QUESTIONS, Formatting(), lambda *_said: None)
    assert [one.shots for one, _answers in found] == [1, 3]
    text, held = asker(monkeypatch, reads=6 + 5).prompt(QUESTIONS[1], 5)
    assert held == 1
    assert "word1 common" in text, "the nearest one is kept"


def test_a_template_that_cannot_show_them_is_no_error(monkeypatch):
    made = asker(monkeypatch)

    def refuse(*_):
        raise UserFacingError("model.template_rejects", "no", "no")

    monkeypatch.setattr(shots, "render_prompt", refuse)
    assert ask_all(made, QUESTIONS, Formatting(), lambda *_said: None) == []


WANTED = [f"the {n} answers of this are {n * n} and no more" for n in range(30)]
NOTHING = ["something else entirely"] * 30
HALF = [text if n % 2 else NOTHING[0] for n, text in enumerate(WANTED)]


@pytest.mark.parametrize(
    ("prompt", "share", "word"),
    [(HALF, 0.5, "better"), (NOTHING, 0.0, "better"), (WANTED, 1.0, "none")],
)
def test_the_share_of_the_gain(prompt, share, word):
    for measure in ("chrf", "exact_match"):
        found = beside(prompt, NOTHING, WANTED, WANTED, measure)
        assert found["share"] == pytest.approx(share, abs=0.1 if measure == "chrf" else 1e-9)
        assert found["low"] <= found["share"] <= found["high"]
        assert found["word"] in (word, "unknown")


def test_without_a_gain_there_is_no_share():
    found = beside(HALF, WANTED, WANTED, WANTED, "chrf")
    assert "share" not in found
    assert found["word"] == "better"
