from __future__ import annotations

from core.conversations.conversation import Answer, Conversation, Exchange, turns_for
from core.conversations.export import as_markdown

BOTH = Exchange(
    question="What is it?",
    answers=(Answer(model="base", text="A stone."), Answer(model="train-001", text="A *pebble*.")),
)


def test_each_model_sees_its_own_answers() -> None:
    turns = turns_for("train-001", "Be short.", (BOTH,), "And this?")
    assert [(turn.role, turn.content) for turn in turns] == [
        ("system", "Be short."),
        ("user", "What is it?"),
        ("assistant", "A *pebble*."),
        ("user", "And this?"),
    ]
    assert turns_for("train-009", "", (BOTH,), "And this?")[1].content == "A stone."


def test_a_question_without_an_answer_is_not_sent_again() -> None:
    silent = Exchange(question="Hello?")
    assert [turn.content for turn in turns_for("base", " ", (silent,), "Hi")] == ["Hi"]


def test_a_correction_counts_as_the_answer() -> None:
    right = BOTH.answers[0].model_copy(update={"corrected": "A rock."})
    changed = Conversation(exchanges=(BOTH,)).with_answer(0, right)
    assert turns_for("base", "", changed.exchanges, "x")[1].content == "A rock."
    assert changed.exchanges[0].answers[1] == BOTH.answers[1]


def test_the_headline_is_the_first_words() -> None:
    long = Conversation(exchanges=(Exchange(question="word " * 100),))
    assert len(long.headline) <= 62
    assert long.headline.endswith("word …")
    assert Conversation(exchanges=(BOTH,)).headline == "What is it?"
    assert Conversation(title="Stones", exchanges=(BOTH,)).headline == "Stones"


def test_markdown_holds_everything() -> None:
    text = as_markdown(Conversation(title="*Stones*", system="Be short.", exchanges=(BOTH,)))
    assert text.startswith("# \\*Stones\\*\n")
    for part in ("Be short.", "What is it?", "A stone.", "### train-001", "A *pebble*."):
        assert part in text
