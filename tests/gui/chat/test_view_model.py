from __future__ import annotations

from core.generation.spec import Done, Piece
from gui.chat.view_model import ChatViewModel


def asked(model: ChatViewModel, question: str = "What is it?") -> list[str]:
    return [ask.id for ask in model.ask(question)]


def test_thinking_is_timed_by_the_clock() -> None:
    now = [0.0]
    model = ChatViewModel(lambda: now[0])
    (name,) = asked(model)
    now[0] = 2.0
    model.take(Piece(id=name, text=""))  # nothing yet
    now[0] = 5.0
    model.take(Piece(id=name, text="Hmm", thinking=True))
    now[0] = 8.0
    model.take(Piece(id=name, text="m.", thinking=True))
    now[0] = 9.0
    model.take(Piece(id=name, text="A stone."))
    model.take(Done(id=name, reason="stop", tokens=9, seconds=9.0))
    (answer,) = model.conversation.exchanges[0].answers
    assert (answer.text, answer.thinking, answer.thought_seconds) == ("A stone.", "Hmmm.", 3.0)


def test_a_judgement_during_the_other_answer_is_not_lost() -> None:
    model = ChatViewModel()
    model.partner, model.tune = "both", "train-001"
    first, second = asked(model)
    for name in (first, second):
        model.take(Piece(id=name, text="A stone."))
    model.take(Done(id=first, reason="stop"))
    model.rate(0, "base", "up")
    model.take(Done(id=second, reason="stop"))
    assert [one.thumb for one in model.conversation.exchanges[0].answers] == ["up", ""]


def test_what_comes_for_an_older_question_is_dropped() -> None:
    model = ChatViewModel()
    (old,) = asked(model)
    model.take(Done(id=old, reason="cancelled"))
    asked(model, "And this?")
    assert model.take(Piece(id=old, text="late")) is None
