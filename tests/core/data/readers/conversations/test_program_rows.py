import pytest

from core.data.readers.conversations.program_rows import of_program

AI_STUDIO = {
    "runSettings": {"model": "models/x"},
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "chunkedPrompt": {"chunks": [
        {"text": "Why?", "role": "user"}, {"driveDocument": {"id": "x"}, "role": "user"},
        {"text": "Let me think.", "role": "model", "isThought": True},
        {"text": "So.", "role": "model", "finishReason": "STOP"},
    ]},
}  # fmt: skip
ZENDESK = {
    "id": 3, "subject": "Why?", "description": "Why?", "requester_id": 7,
    "comments": [
        {"author_id": 7, "body": "Why?", "public": True},
        {"author_id": 9, "body": "ask Bob", "public": False},
        {"author_id": 9, "plain_body": "So.", "body": "<p>So.</p>", "public": True},
    ],
}  # fmt: skip
INTERCOM = {
    "source": {"body": "<p>Why?</p>", "author": {"type": "user", "name": "Ann"}},
    "conversation_parts": {"conversation_parts": [
        {"part_type": "note", "body": "<p>hm</p>", "author": {"type": "admin"}},
        {"part_type": "comment", "body": "<p>So.</p>", "author": {"type": "admin"}},
        {"part_type": "close", "body": None, "author": {"type": "admin"}},
    ]},
}  # fmt: skip


@pytest.mark.parametrize("row", [AI_STUDIO, ZENDESK, INTERCOM])
def test_who_asks_and_who_answers(row):
    turns = [(t["role"], t["content"]) for t in of_program(row)["messages"]]
    assert [text for _, text in turns] == ["Why?", "So."]
    assert [role for role, _ in turns] in (["user", "assistant"], ["user", "model"])


def test_what_the_model_thought_stands_apart():
    assert of_program(AI_STUDIO)["messages"][1]["reasoning_content"] == "Let me think."


@pytest.mark.parametrize("row", [{}, {"comments": [1]}, {"chunkedPrompt": 1}, {"source": {}}])
def test_other_rows_are_none(row):
    assert of_program(row) is None
