"""Logs of coding assistants become conversations with their tools; other events do not."""

import json

from core.data.example import Example
from core.data.readers.inspection import inspect_sources
from core.data.readers.options import ReadOptions
from core.data.readers.reading import read


def _claude(kind, content, **more):
    message = {"role": kind, "content": content}
    return {"type": kind, "message": message, "uuid": "u", "sessionId": "s", **more}


def _codex(**payload):
    return {"timestamp": "2025-06-01T10:00:00Z", "type": "response_item", "payload": payload}


CLAUDE = [
    {"type": "summary", "summary": "Adding numbers", "leafUuid": "x"},
    _claude("user", "Caveat: The messages below were written by the program", isMeta=True),
    _claude("user", "<command-name>/clear</command-name>"),
    _claude("user", "What does add do?"),
    _claude("assistant", [{"type": "thinking", "thinking": "I must look.", "signature": "x"}]),
    _claude("assistant", [{"type": "text", "text": "I look at it."}]),
    _claude("assistant", [
        {"type": "tool_use", "id": "1", "name": "Read", "input": {"file": "a.py"}}]),
    _claude("user", [{"type": "tool_result", "tool_use_id": "1", "content": "def add(a, b): ..."}]),
    _claude("assistant", [{"type": "text", "text": "A helper's words"}], isSidechain=True),
    {"type": "file-history-snapshot", "uuid": "f", "snapshot": {}},
    _claude("assistant", [{"type": "text", "text": "It adds two numbers."}]),
    {**_claude("user", "Thanks. And sub?"), "sessionId": "later"},
    {**_claude("assistant", [{"type": "text", "text": "It subtracts."}]), "sessionId": "later"},
]  # fmt: skip
CODEX = [
    {"timestamp": "t", "type": "session_meta", "payload": {"id": "x", "cwd": "/home"}},
    _codex(type="message", role="developer", content=[{"type": "input_text", "text": "Rules"}]),
    _codex(type="message", role="user", content=[
        {"type": "input_text", "text": "<environment_context>\n/home</environment_context>"}]),
    _codex(type="message", role="user", content=[{"type": "input_text", "text": "List files."}]),
    _codex(type="reasoning", summary=[{"type": "summary_text", "text": "I list them."}]),
    _codex(type="function_call", name="shell", arguments='{"command": ["ls"]}', call_id="1"),
    _codex(type="function_call_output", call_id="1", output="a.py"),
    _codex(type="message", role="assistant", content=[
        {"type": "output_text", "text": "There is one: a.py."}]),
    {"timestamp": "t", "type": "event_msg", "payload": {"type": "token_count"}},
]  # fmt: skip


def _examples(path, rows):
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    items = list(read(inspect_sources([path], ReadOptions())))
    assert all(isinstance(item, Example) for item in items), items
    return [item.messages for item in items]


def test_a_session_is_a_conversation_with_its_tools_and_thoughts(tmp_path):
    first, second = _examples(tmp_path / "session.jsonl", CLAUDE)

    assert [m.role for m in first] == ["user", "assistant", "tool", "assistant"]
    assert first[0].content == "What does add do?"
    call = '[{"name": "Read", "arguments": {"file": "a.py"}}]'
    assert first[1].content == f"I look at it.\n{call}" and first[1].reasoning == "I must look."
    assert first[2].content.startswith("def add") and first[3].content == "It adds two numbers."
    assert [m.content for m in second] == ["Thanks. And sub?", "It subtracts."]


def test_items_of_responses_are_read_alike(tmp_path):
    (only,) = _examples(tmp_path / "rollout.jsonl", CODEX)

    assert [m.role for m in only] == ["user", "assistant", "tool", "assistant"]
    assert only[0].content == "List files." and only[1].reasoning == "I list them."
    assert only[2].content == "a.py" and only[3].content == "There is one: a.py."


def test_a_long_session_goes_on_with_what_is_typed_next(tmp_path):
    rows = [
        row
        for n in range(50)
        for row in (_claude("user", f"Question {n}?"), _claude("assistant", f"Answer {n}."))
    ]

    found = _examples(tmp_path / "long.jsonl", rows)

    assert [len(messages) for messages in found] == [64, 36]
    assert found[1][0].content == "Question 32?"


def test_events_of_anything_else_are_no_session(tmp_path):
    path = tmp_path / "log.jsonl"
    rows = [
        {"type": "click", "uuid": str(n), "question": f"Why {n}?", "answer": "So."} for n in "ab"
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    looked = inspect_sources([path], ReadOptions()).sources[0]

    assert looked.threads is None and looked.guess.shape == "question_answer"
