from __future__ import annotations

from core.conversations.conversation import Answer, Conversation, Exchange
from core.conversations.export import as_markdown, name_of


def test_blind_answers_keep_their_names_to_themselves() -> None:
    answers = (Answer(model="train-001", text="One."), Answer(model="base", text="Two."))
    talk = Conversation(exchanges=(Exchange(question="Which?", blind=True, answers=answers),))
    hidden, told = as_markdown(talk), as_markdown(talk.revealed())
    assert "### Answer A\n\nOne.\n\n### Answer B\n\nTwo." in hidden
    assert "train-001" not in hidden
    assert "### train-001\n\nOne.\n\n### Base model\n\nTwo." in told
    assert name_of("base") == "Base model"
