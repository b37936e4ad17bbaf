"""Files as people have them: each must give these examples, whatever program wrote it."""

import io
import json

import pyarrow
import pytest
from pyarrow import parquet

from core.data.example import BadRow
from core.data.readers import inspect_sources
from tests.core.data.examples import read_all, sheet_of, turns

Q, A = "Which river is the longest?", "The Nile."
QA = [("user", Q), ("assistant", A)]
MORE = "Name a lake, please."
LONG = [*QA, ("user", MORE), ("assistant", "Baikal.")]
WITH_SYSTEM = [("system", "Be brief."), *QA]


def lines(*rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def document(value):
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def openai(*said):
    return [{"role": role, "content": text} for role, text in said]


def sharegpt(*said):
    names = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}
    return [{"from": names[role], "value": text} for role, text in said]


def as_parquet(rows):
    sink = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
    return sink.getvalue()


FLAT = [
    {"instruction": Q, "input": "", "output": A},
    {"instruction": Q, "context": "", "response": A, "category": "open_qa"},
    {"instruction": Q, "output": A, "text": "### Instruction: " + Q},
    {"prompt": Q, "response": A},
    {"prompt": Q, "completion": A},
    {"input": Q, "output": A},
    {"input": Q, "target": A},
    {"inputs": 1, "query": Q, "answer": A},
    {"query": Q, "response": A, "type": "GSM"},
    {"problem": Q, "solution": A, "level": 3},
    {"user": Q, "assistant": A},
    {"Human": Q, "Assistant": A},
    {"INSTRUCTION": Q, "RESPONSE": A},
    {"id": "x", "question": Q, "final answer": "", "Answer": A},
    {"question": Q, "answer": {"value": A, "aliases": ["Nile"]}},
    {"question": Q, "answers": {"text": [A, "Nile"], "answer_start": [3, 4]}},
    {"question": Q, "answers": [{"text": A, "answer_start": 3}]},
    {"question": Q, "answers": [A, "Nile"]},
    {"question": Q, "answer": [A]},
    {"prompt": [{"role": "user", "content": Q}], "completion": openai(("assistant", A))},
    {"prompt": openai(("user", Q)), "answer": A},
    {"input": {"messages": openai(("user", Q))}, "preferred_output": openai(("assistant", A)),
     "non_preferred_output": openai(("assistant", "no"))},
    {"row_idx": 0, "row": {"instruction": Q, "output": A}},
    {"data": {"question": Q, "answer": A}, "meta": {"n": 1}},
    {"Frage": Q, "Antwort": A},
    {"article": Q, "summary": A},
    {"dialogue": Q, "summary": A, "id": "1"},
    {"text": Q, "label": A},
    {"prompt": f"\n\nHuman: {Q}\n\nAssistant:", "completion": A},
    {"code": Q, "docstring": A},
]  # fmt: skip
PREFERENCES = [
    {"prompt": Q, "chosen": A, "rejected": "no"},
    {"instruction": Q, "input": "", "chosen": A, "rejected": "no"},
    {"question": Q, "chosen": A, "rejected": "no", "system": ""},
    {"chosen": openai(*QA), "rejected": openai(("user", Q), ("assistant", "no"))},
    {"prompt": Q, "chosen": openai(*QA), "rejected": openai(("user", Q), ("assistant", "no"))},
    {"prompt": openai(("user", Q)), "chosen": openai(("assistant", A)), "rejected": []},
    {"conversations": sharegpt(("user", Q)), "chosen": {"from": "gpt", "value": A},
     "rejected": {"from": "gpt", "value": "no"}},
    {"chosen": f"\n\nHuman: {Q}\n\nAssistant: {A}", "rejected": f"\n\nHuman: {Q}\n\nAssistant: no"},
    {"question": Q, "response_j": A, "response_k": "no"},
    {"prompt": Q, "chosen_response": A, "rejected_response": "no"},
]  # fmt: skip
CONVERSATIONS = [
    {"messages": openai(*LONG)},
    {"messages": openai(*LONG), "prompt": Q, "prompt_id": "x"},
    {"conversations": sharegpt(*LONG)},
    {"conversations": [{"from": r, "value": t} for r, t in LONG]},
    {"conversation": [{"from": n, "value": t} for n, (_, t) in
                      zip(("prompter", "bing") * 2, LONG, strict=True)]},
    {"items": [{"from": n, "value": t} for n, (_, t) in
               zip(("human", "bard") * 2, LONG, strict=True)]},
    {"dialog": [{"speaker": r, "text": t} for r, t in LONG]},
    {"conversation": [{"human": Q, "assistant": A}, {"human": MORE, "assistant": "Baikal."}]},
    {"id": "0", "data": [text for _, text in LONG]},
    {"messages": json.dumps(openai(*LONG))},
    {"conversations": str(sharegpt(*LONG))},
    {"messages": {"role": [r for r, _ in LONG], "content": [t for _, t in LONG]}},
    {"messages": [{"role": r, "content": [{"type": "text", "text": t}]} for r, t in LONG]},
    {"messages": [{"role": r, "content": [{"type": "text", "value": t}], "loss_weight": 1.0}
                  for r, t in LONG]},
    {"request": {"messages": openai(*LONG)}},
    {"contents": [{"role": r, "parts": [{"text": t}]} for r, t in LONG]},
    {"instruction": MORE, "output": "Baikal.", "history": [[Q, A]]},
    {"text": "".join(f"### {'Human' if r == 'user' else 'Assistant'}: {t}" for r, t in LONG)},
    {"text": "".join(f"<|im_start|>{r}\n{t}<|im_end|>\n" for r, t in LONG)},
    {"text": f"<s>[INST] {Q} [/INST] {A} </s><s>[INST] {MORE} [/INST] Baikal. </s>"},
    {"text": "<|begin_of_text|>" + "".join(
        f"<|start_header_id|>{r}<|end_header_id|>\n\n{t}<|eot_id|>" for r, t in LONG)},
    {"text": "".join(f"<|{r}|>\n{t}</s>\n" for r, t in LONG)},
    {"text": "".join(f"<start_of_turn>{'user' if r == 'user' else 'model'}\n{t}<end_of_turn>\n"
                     for r, t in LONG)},
    {"text": "\n".join(f"{r.capitalize()}: {t}" for r, t in LONG)},
    {"prompt": {"text": Q, "role": "prompter", "replies": [
        {"text": "no", "role": "assistant", "rank": 1, "replies": []},
        {"text": A, "role": "assistant", "rank": 0, "replies": [
            {"text": MORE, "role": "prompter", "replies": [
                {"text": "Baikal.", "role": "assistant", "replies": []}]}]}]}},
]  # fmt: skip
WITH_SYSTEMS = [
    {"system_prompt": "Be brief.", "question": Q, "response": A},
    {"system": "Be brief.", "prompt": Q, "chosen": A, "rejected": "no"},
    {"system": "Be brief.", "conversations": sharegpt(*QA)},
    {"messages": openai(*WITH_SYSTEM), "tools": "[]"},
    {"text": f"Be brief.\n\n### Instruction:\n{Q}\n\n### Response:\n{A}"},
    {"text": f"<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n{Q} [/INST] {A} </s>"},
]
ROWS = [
    *((row, QA) for row in FLAT),
    *((row, QA) for row in PREFERENCES),
    *((row, LONG) for row in CONVERSATIONS),
    *((row, WITH_SYSTEM) for row in WITH_SYSTEMS),
]


@pytest.mark.parametrize(("row", "expected"), ROWS, ids=[json.dumps(r)[:60] for r, _ in ROWS])
def test_shapes_of_rows(tmp_path, row, expected):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(*[row] * 3))
    assert [turns(item) for item in read_all(path)] == [expected] * 3
    path = tmp_path / "rows.json"
    path.write_bytes(document([row] * 3))
    assert [turns(item) for item in read_all(path)] == [expected] * 3


ONE = {"question": Q, "answer": A}
TREE = [
    {"message_id": "a", "parent_id": None, "role": "prompter", "text": Q},
    {"message_id": "b", "parent_id": "a", "role": "assistant", "text": "no", "rank": 1},
    {"message_id": "c", "parent_id": "a", "role": "assistant", "text": A, "rank": 0},
]
FILES = {
    "data.json": document({"version": "1", "data": [ONE] * 3}),
    "rows.json": document({"features": [{"name": "question"}], "rows": [{"row": ONE}] * 3}),
    "parts.json": document({"train": [ONE] * 2, "validation": [ONE]}),
    "columns.json": document({"question": [Q] * 3, "answer": [A] * 3}),
    "frame.json": document({n: dict.fromkeys("012", v) for n, v in ONE.items()}),
    "index.json": document({f"row-{n}": ONE for n in range(3)}),
    "split.json": document({"columns": [*ONE], "index": [0, 1, 2], "data": [[Q, A]] * 3}),
    "squad.json": document({"version": "2", "data": [{"title": "x", "paragraphs": [{
        "context": "", "qas": [{"question": Q, "id": n, "answers": [{"text": A}]}
                               for n in range(3)]}]}]}),
    "lists.json": document([[Q, A]] * 3),
    "lists.jsonl": lines(*[[Q, A]] * 3),
    "pretty.jsonl": b"\n".join([document(ONE)] * 3),
    "bom.jsonl": b"\xef\xbb\xbf" + lines(*[ONE] * 3),
    "lines.json": lines(*[ONE] * 3),
    "lines.txt": lines(*[ONE] * 3),
    "one-list.jsonl": json.dumps([ONE] * 3).encode(),
    "semicolon.csv": f"question;answer\n{(Q + ';' + A + chr(10)) * 3}".encode(),
    "excel.csv": f"sep=;\r\nquestion;answer\r\n{(Q + ';' + A + chr(13) + chr(10)) * 3}".encode(),
    "frame.csv": f',question,answer\n{f"0,{Q},{A}{chr(10)}" * 3}'.encode(),
    "headerless.csv": f"{Q},{A}\n".encode() * 3,
    "utf16.csv": f"question\tanswer\n{(Q + chr(9) + A + chr(10)) * 3}".encode("utf-16"),
    "table.txt": f"question\tanswer\n{(Q + chr(9) + A + chr(10)) * 3}".encode(),
    "table.tsv": f"question\tanswer\n{(Q + chr(9) + A + chr(10)) * 3}".encode(),
    "rows.xlsx": sheet_of([["question", "answer"], *[[Q, A]] * 3]),
    "titled.xlsx": sheet_of([["My examples", ""], ["question", "answer"], *[[Q, A]] * 3]),
    "rows.parquet": as_parquet([ONE] * 3),
    "messages.parquet": as_parquet([{"messages": openai(*QA)}] * 3),
    "struct.parquet": as_parquet([{"conversations": {"from": ["human", "gpt"],
                                                     "value": [Q, A]}}] * 3),
    "squad.parquet": as_parquet([{"question": Q, "answers": {"text": [A], "start": [1]}}] * 3),
    "qa.txt": f"Q: {Q}\nA: {A}\n\n".encode() * 3,
    "qa.md": f"### Question 1:\n{Q}\n\n### Answer 1:\n{A}\n\n".encode() * 3,
    "headings.md": f"## Question\n\n{Q}\n\n## Answer\n\n{A}\n\n".encode() * 3,
    "faq.md": f"## {Q}\n\n{A}\n\n".encode() * 3,
    "german.txt": f"Frage: {Q}\nAntwort: {A}\n".encode() * 3,
    "threads.jsonl": lines(*[{**m, "message_tree_id": n} for n in range(3) for m in TREE]),
    "threads.csv": "conversation_id,role,content\n" + "".join(
        f"{n},user,{Q}\n{n},assistant,{A}\n" for n in range(3)),
    "chats.json": document([{"title": "x", "mapping": {
        "r": {"id": "r", "message": None, "parent": None, "children": ["s"]},
        "s": {"message": {"author": {"role": "system"}, "content": {"parts": [""]}},
              "parent": "r", "children": ["u"]},
        "u": {"message": {"author": {"role": "user"}, "content": {"parts": [Q]}},
              "parent": "s", "children": ["old", "a"]},
        "old": {"message": {"author": {"role": "assistant"}, "content": {"parts": ["no"]}},
                "parent": "u", "children": []},
        "a": {"message": {"author": {"role": "assistant"}, "content": {"parts": [A]}},
              "parent": "u", "children": []}}}] * 3),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_forms_of_files(tmp_path, name):
    path = tmp_path / name
    content = FILES[name]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert [turns(item) for item in read_all(path)] == [QA] * 3
    assert inspect_sources([path]).confidence >= (0.4 if "lists" in name or "less" in name else 0.7)


def test_a_folder_from_the_hub_is_its_data_not_its_description(tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001"):
        (tmp_path / "data" / f"{name}.parquet").write_bytes(as_parquet([ONE]))
    (tmp_path / "README.md").write_text("# Questions\n\nFree to use.", encoding="utf-8")
    (tmp_path / "dataset_infos.json").write_text('{"default": {"rows": 3}}', encoding="utf-8")
    (tmp_path / "LICENSE.txt").write_text("MIT", encoding="utf-8")
    assert [turns(item) for item in read_all(tmp_path)] == [QA] * 3


def test_answers_marked_as_bad_are_not_learned(tmp_path):
    rows = [{"prompt": Q, "completion": A, "label": n % 2 == 0} for n in range(4)]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(*rows))
    assert [i.messages[-1].is_trained for i in read_all(path)] == [True, False, True, False]


def test_tools_are_told_to_the_model(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines({"tools": [{"name": "weather"}], "messages": openai(*QA)}))
    assert turns(read_all(path)[0])[0] == ("system", '[{"name": "weather"}]')


def test_tools_join_a_system_turn(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines({"tools": '[{"name": "f"}]', "messages": openai(*WITH_SYSTEM)}))
    assert turns(read_all(path)[0]) == [("system", 'Be brief.\n\n[{"name": "f"}]'), *QA]


@pytest.mark.parametrize(
    ("choices", "answer"),
    [
        (["Rhine", "Nile"], 1),
        ({"text": ["Rhine", "Nile"], "label": ["A", "B"]}, "B"),
    ],
)
def test_choices_are_asked_and_the_right_one_is_the_answer(tmp_path, choices, answer):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines({"question": Q, "choices": choices, "answer": answer}))
    expected = [("user", f"{Q}\n\nA. Rhine\nB. Nile"), ("assistant", "B. Nile")]
    assert turns(read_all(path)[0]) == expected


def test_calls_of_functions_are_learned(tmp_path):
    call = {"name": "weather", "arguments": '{"city": "Rome"}'}
    said = [{"role": "user", "content": "Rain?"},
            {"role": "assistant", "content": None, "function_call": call},
            {"role": "function", "name": "weather", "content": "dry"},
            {"role": "assistant", "content": "No."}]  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines({"messages": said}))
    found = turns(read_all(path)[0])
    assert [role for role, _ in found] == ["user", "assistant", "tool", "assistant"]
    assert "Rome" in found[1][1]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]},
        {"messages": [{"role": "narrator", "content": "x"}]},
        {"tokens": [1, 2], "tags": [3, 4]},
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, row):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(row, row))
    found = read_all(path)
    assert all(isinstance(item, BadRow) and item.reason for item in found)
    assert [item.source.line for item in found] == [1, 2]
