"""The files of a batch as the services describe them: what was sent and what came back."""

import json

import pytest

from core.data.example import BadRow
from core.data.readers.exports.batches import BatchAnswers, are_answers, are_requests
from core.data.readers.formats.records import Record
from core.data.readers.inspection import inspect_sources
from core.data.readers.reading import read

SYSTEM = {"role": "system", "content": "You help."}


def openai(n):
    body = {"model": "m", "messages": [SYSTEM, {"role": "user", "content": f"Why {n}?"}]}
    choice = {"index": 0, "message": {"role": "assistant", "content": f"So {n}."}}
    return (
        {"custom_id": f"q{n}", "method": "POST", "url": "/v1/chat/completions", "body": body},
        {"id": f"r{n}", "custom_id": f"q{n}", "error": None,
         "response": {"status_code": 200, "body": {"choices": [choice]}}},
    )  # fmt: skip


def responses(n):
    body = {"model": "m", "instructions": "You help.", "input": f"Why {n}?"}
    said = [
        {"type": "reasoning", "summary": []},
        {"type": "message", "content": [{"type": "output_text", "text": f"So {n}."}]},
    ]
    return (
        {"custom_id": f"q{n}", "url": "/v1/responses", "body": body},
        {"custom_id": f"q{n}", "response": {"status_code": 200, "body": {"output": said}}},
    )  # fmt: skip


def anthropic(n):
    asked = {"system": "You help.", "messages": [{"role": "user", "content": f"Why {n}?"}]}
    message = {"role": "assistant", "content": [{"type": "text", "text": f"So {n}."}]}
    return (
        {"custom_id": f"q{n}", "params": {"model": "m", "max_tokens": 9, **asked}},
        {"custom_id": f"q{n}", "result": {"type": "succeeded", "message": message}},
    )


def gemini(n):
    asked = {"contents": [{"role": "user", "parts": [{"text": f"Why {n}?"}]}],
             "systemInstruction": {"parts": [{"text": "You help."}]}}  # fmt: skip
    said = {"content": {"role": "model", "parts": [{"text": "So "}, {"text": f"{n}."}]}}
    return {"key": f"q{n}", "request": asked}, {"key": f"q{n}", "response": {"candidates": [said]}}


def dump(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("order", [1, -1], ids=["sent first", "answers first"])
@pytest.mark.parametrize("form", [openai, responses, anthropic, gemini])
def test_answers_find_their_questions(tmp_path, form, order):
    pairs = [form(n) for n in range(6)]
    sent = dump(tmp_path / "sent.jsonl", [asked for asked, _ in pairs])
    back = dump(tmp_path / "back.jsonl", [answer for _, answer in reversed(pairs)])
    found = list(read(inspect_sources([sent, back][::order])))
    assert len(found) == 6 and not any(isinstance(item, BadRow) for item in found)
    turns = [(m.role, m.content) for m in found[0].messages]
    assert turns == [("system", "You help."), ("user", "Why 5?"), ("assistant", "So 5.")]
    assert found[0].source.file == "back.jsonl" and found[0].source.line == 1


def test_answers_alone_say_what_is_missing(tmp_path):
    back = dump(tmp_path / "back.jsonl", [openai(n)[1] for n in range(3)])
    found = list(read(inspect_sources([back])))
    assert [type(item) for item in found] == [BadRow] * 3
    assert all("file that was sent" in item.reason for item in found)
    assert "So 0." in found[0].raw


def test_a_request_that_failed_is_left_out_and_said(tmp_path):
    sent, back = (list(rows) for rows in zip(*[openai(n) for n in range(6)], strict=True))
    back[2] = {
        "custom_id": "q2",
        "response": {"status_code": 429, "body": {}},
        "error": {"code": 1},
    }
    back[4] = {"custom_id": "q4", "response": None, "error": {"code": "batch_expired"}}
    files = dump(tmp_path / "sent.jsonl", sent), dump(tmp_path / "back.jsonl", back)
    found = list(read(inspect_sources(files)))
    bad = [item for item in found if isinstance(item, BadRow)]
    assert [item.source.line for item in bad] == [3, 5]
    assert {item.reason for item in bad} == {"this request of the batch has no answer"}


def test_tools_and_calls_survive(tmp_path):
    pairs = [openai(n) for n in range(4)]
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    for asked, answer in pairs:
        asked["body"]["tools"] = [{"type": "function", "function": {"name": "look"}}]
        answer["response"]["body"]["choices"] = [{"message": message}]
    sent, back = (list(rows) for rows in zip(*pairs, strict=True))
    files = dump(tmp_path / "sent.jsonl", sent), dump(tmp_path / "back.jsonl", back)
    first, *rest = read(inspect_sources(files))
    assert first.messages[-1].role == "assistant" and first.source.line == 1 and len(rest) == 3
    assert '"look"' in first.messages[-1].content and "look" in first.messages[0].content


@pytest.mark.parametrize("named", [True, False], ids=["with a name", "without"])
def test_both_in_one_row_need_no_second_file(tmp_path, named):
    rows = [{**asked, **answer} for asked, answer in map(gemini, range(4))]
    kept = rows if named else [{k: row[k] for k in ("request", "response")} for row in rows]
    found = list(read(inspect_sources([dump(tmp_path / "predictions.jsonl", kept)])))
    turns = [(m.role, m.content) for m in found[2].messages]
    assert turns == [("system", "You help."), ("user", "Why 2?"), ("assistant", "So 2.")]


def test_a_joined_row_keeps_tools_calls_and_its_line():
    asked, answer = openai(0)
    asked["body"]["tools"] = [{"type": "function", "function": {"name": "look"}}]
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    message = {"role": "assistant", "tool_calls": [call]}
    answer["response"]["body"]["choices"] = [{"message": message}]
    joined = BatchAnswers((lambda: iter([Record(1, asked)]),)).join(iter([Record(7, answer)]))
    (record,) = joined
    assert record.line == 7 and record.value["tools"] == asked["body"]["tools"]
    assert record.value["messages"][-1] == message


def test_a_question_without_a_name_answers_nothing():
    nameless = {k: v for k, v in openai(0)[0].items() if k != "custom_id"}
    answer = {k: v for k, v in openai(0)[1].items() if k != "custom_id"}
    (record,) = BatchAnswers((lambda: iter([Record(1, nameless)]),)).join(iter([Record(7, answer)]))
    assert record.fault and record.line == 7


@pytest.mark.parametrize(
    "row",
    [
        {"custom_id": "a", "text": "x"},
        {"question": "a", "response": {"x": 1}},
        {"custom_id": 3, "body": {"messages": [SYSTEM]}},
        {"custom_id": "a", "body": {"messages": []}},
        {"key": "a", "response": "an answer as text"},
        {"key": "a", "body": "text"},
    ],
)
def test_ordinary_rows_are_not_taken(row):
    assert not are_requests([row] * 4) and not are_answers([row] * 4)
    assert not are_requests([]) and not are_answers([])


def test_damaged_rows_pass_and_strange_ones_do_no_harm():
    rows = [Record(1, fault="damaged"), Record(2, 5), Record(3, {"custom_id": "x"})]
    found = list(BatchAnswers((lambda: iter([Record(1, "text"), Record(2, {})]),)).join(iter(rows)))
    assert found[0].fault == "damaged" and len(found) == 3
    assert all(record.fault for record in found)
