"""Files of the kinds that people really have, each as small as it can be."""

import json

import pytest

from core.data.draft import Draft, ScanOptions
from core.data.example import Example
from core.data.scan import scan
from core.errors import UserFacingError
from tests.core.data.examples import read_all, turns

Q, A = "Which wood floats best?", "Balsa does."
QA = [("user", Q), ("assistant", A)]
THOUGHT = "The lightest one."


def written(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="")
    return path


def line(value):
    return json.dumps(value, ensure_ascii=False) + "\n"


def said(*turns_, **more):
    return {"messages": [{"role": role, "content": text} for role, text in turns_], **more}


REASONING = [
    {"messages": [{"role": "user", "content": Q},
                  {"role": "assistant", "content": A, "reasoning_content": THOUGHT}]},
    {"messages": [{"role": "user", "content": Q},
                  {"role": "assistant", "content": A, "thinking": THOUGHT}]},
    {"messages": [{"role": "user", "content": Q}, {"role": "assistant", "content": [
        {"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": A}]}]},
    said(("user", Q), ("assistant", f"<think>\n{THOUGHT}\n</think>\n\n{A}")),
    {"question": Q, "Complex_CoT": THOUGHT, "answer": A},
    {"question": Q, "rationale": THOUGHT, "answer": A},
    {"prompt": Q, "completion": f"<think>{THOUGHT}</think>{A}"},
    {"text": f"<|start|>user<|message|>{Q}<|end|><|start|>assistant<|channel|>analysis<|message|>"
             f"{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{A}<|return|>"},
    {"text": f"<s>[INST]{Q}[/INST][THINK]{THOUGHT}[/THINK]{A}</s>"},
]  # fmt: skip


@pytest.mark.parametrize("row", REASONING, ids=lambda row: str(row)[:60])
def test_reasoning_stands_beside_the_answer(tmp_path, row):
    (found,) = read_all(written(tmp_path, "rows.jsonl", line(row)))
    assert turns(found) == QA
    assert found.messages[-1].reasoning == THOUGHT


SHAPES = [
    {"conversations": [{"human": Q}, {"gpt": A}]},
    {"messages": [["user", Q], ["assistant", A]]},
    {"messages": [{"type": "human", "content": Q}, {"type": "ai", "content": A}]},
    {
        "messages": [
            {"type": "human", "data": {"content": Q}},
            {"type": "ai", "data": {"content": A}},
        ]
    },
    {
        "contents": [
            {"role": "user", "parts": [{"text": Q}]},
            {"role": "model", "parts": [{"text": A}]},
        ]
    },
    {"conversations": [{"from": "humman", "value": Q}, {"from": "asistant", "value": A}]},
    {"conversations": [{"from": "Lena", "value": Q}, {"from": "gpt", "value": A}]},
    {"segments": [{"label": False, "text": f"<s>{Q}"}, {"label": True, "text": f" {A}</s>"}]},
    {"internal": [[Q, A]], "visible": [[Q, A]]},
    {
        "prompt": f"<|im_start|>user\n{Q}<|im_end|>\n<|im_start|>assistant\n",
        "completion": f"{A}<|im_end|>",
    },
    {"prompt": f"<s>[INST] {Q} [/INST]", "completion": f" {A}</s>"},
    {"prompt": f"<start_of_turn>user\n{Q}<end_of_turn>\n<start_of_turn>model\n", "completion": A},
    {"instruction": f"### Instruction:\n{Q}\n\n### Response:\n", "output": A},
    {"inputs": {"question": Q}, "outputs": {"answer": A}},
    {"question": Q, "answer": [{"user_id": "u", "value": A, "status": "submitted"}]},
    {"task": Q, "response": A},
    {"instruction,output": f"User: {Q}\nAssistant: {A}"},
]


@pytest.mark.parametrize("row", SHAPES, ids=lambda row: str(row)[:60])
def test_turns_in_any_form(tmp_path, row):
    found = read_all(written(tmp_path, "rows.jsonl", line(row) * 3))
    assert [turns(item) for item in found] == [QA] * 3


@pytest.mark.parametrize("name", ["systemInstruction", "system", "system_prompt"])
@pytest.mark.parametrize(
    "value", ["Be brief.", {"role": "system", "parts": [{"text": "Be brief."}]}]
)
def test_a_system_text_beside_the_turns(tmp_path, name, value):
    row = {name: value, "contents": [{"role": r, "parts": [{"text": t}]} for r, t in QA]}
    (found,) = read_all(written(tmp_path, "rows.jsonl", line(row)))
    assert turns(found) == [("system", "Be brief."), *QA]


ROW = {"question": Q, "answer": A}
PLAIN = json.dumps(ROW)
FILES = {
    "comments.json": f"// mine\n[\n{PLAIN}, // ok\n{PLAIN}, /* two */\n{PLAIN},\n]\n",
    "block.json": f'/* by hand */ {{"data": [{PLAIN}, {PLAIN}, {PLAIN},], }}',
    "hash.jsonl": f"# mine\n{PLAIN}\n{PLAIN},\n{PLAIN} // last\n",
    "nan.jsonl": f'{PLAIN[:-1]}, "score": NaN}}\n' * 3,
    "infinity.json": "[" + ", ".join([f'{PLAIN[:-1]}, "score": -Infinity}}'] * 3) + "]",
    "printed.jsonl": f"{ROW}\n" * 3,
    "backslash.csv": 'question,answer\n"Which wood floats best?","Balsa does."\n'
                     + '"Which wood floats best?","Balsa does."\n' * 2,
    "bold.md": "---\ntitle: x\n---\n\n# FAQ\n\n" + f"**Q: {Q}**\n\nA: {A}\n\n---\n\n" * 3,
    "question.md": f"**Question:** {Q}\n\n**Answer:** {A}\n\n***\n\n" * 3,
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_files_written_by_hand(tmp_path, name):
    found = read_all(written(tmp_path, name, FILES[name]))
    assert [turns(item) for item in found] == [QA] * 3


def test_quotes_escaped_with_a_backslash(tmp_path):
    rows = "".join(f'"Who is {n}?","He said \\"so, so\\" and left"\n' for n in range(5))
    found = read_all(written(tmp_path, "rows.csv", f"question,answer\n{rows}"))
    assert [item.answer for item in found] == ['He said "so, so" and left'] * 5


def test_a_conversation_that_numpy_printed(tmp_path):
    printed = f"[{{'from': 'human', 'value': '{Q}'}}\n {{'from': 'gpt', 'value': '{A}'}}]"
    found = read_all(
        written(tmp_path, "rows.csv", f'id,conversations\n0,"{printed}"\n1,"{printed}"\n')
    )
    assert [turns(item) for item in found] == [QA] * 2


def notices(folder, *paths, **options):
    summary = scan(paths, ScanOptions(**options), folder / "draft")
    return summary, " ".join(notice.text for notice in summary.notices)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({**ROW, "notes": "x" * 40}, "Not used: “notes”"),
        ({"text": f"{Q} {A}", "label": 3}, "“label”"),
        (said(*QA, images=["a.png"], mood="calm"), "“images”"),
        (said(("user", f"<image>{Q}"), ("assistant", A), images=["a.png"]), "needs a picture"),
        (said(("user", Q), ("assistant", A), ("Brine", "Arr!")), "“Brine” speaks in 6 turns"),
        ({"conversations": [{"from": "hummany", "value": Q}, {"from": "gpt", "value": A}]},
         "“hummany” is read as “user” in 6 turns"),
        ({"question": f"<|mood|>{Q}", "answer": A}, "“<|mood|>”"),
        ({"question": Q, "answer": '{"name": "a", "n": 1}'}, "JSON with the same names: name, n"),
        ({"text": f"{Q} {A}"}, "learned as plain text"),
    ],
)  # fmt: skip
def test_what_is_lost_or_odd_is_said(tmp_path, row, sentence):
    path = written(tmp_path, "rows.jsonl", line(row) * 6)
    assert sentence in notices(tmp_path, path)[1]


def test_a_picture_is_a_reason_with_its_count(tmp_path):
    parts = [{"type": "image", "image": "a.png"}, {"type": "text", "text": Q}]
    rows = line(said(("user", parts), ("assistant", A))) * 4
    summary, text = notices(tmp_path, written(tmp_path, "rows.jsonl", rows))
    assert "4 rows are left out: a turn holds a picture" in text
    assert summary.findings["malformed_row"] == 4


def test_files_about_data_are_no_examples(tmp_path):
    for name in ("dataset_info.json", "state.json", "dataset_dict.json", "tokenizer_config.json",
                 "package.json", "trainer_state.json"):  # fmt: skip
        written(tmp_path, name, line({"question": "no", "answer": "no"}))
    with pytest.raises(UserFacingError) as refusal:
        read_all(tmp_path)
    assert refusal.value.code == "dataset.nothing_found"
    written(tmp_path, "data/rows.jsonl", line(ROW))
    assert [turns(item) for item in read_all(tmp_path)] == [QA]


SLACK = [{"type": "message", "user": n, "text": t, "ts": f"170928720{i}.1"}
         for i, (n, t) in enumerate([("U1", Q), ("U2", A)])]  # fmt: skip


def test_a_chat_asks_who_shall_be_learned(tmp_path):
    written(tmp_path, "export/users.json", line([{"id": "U1", "name": "ann"}]))
    written(tmp_path, "export/channels.json", line([{"id": "C1", "name": "general"}]))
    written(tmp_path, "export/general/2024-03-01.json", line(SLACK))
    summary, text = notices(tmp_path, tmp_path / "export")
    assert summary.rows == 1
    assert "chat between “ann” (1), “U2” (1)" in text
    scan([tmp_path / "export"], ScanOptions(read={"speakers": {"U2": "assistant"}}), tmp_path / "d")
    with Draft(tmp_path / "d") as draft:
        item = draft.row(0)
        assert isinstance(item, Example)
        assert turns(item) == QA


def test_a_phones_chat(tmp_path):
    chat = "".join(f"7/19/22, 11:2{n}\u202fpm - {who}: {text}\n"
                   for n, (who, text) in enumerate([("Ann", Q), ("Bob", A)]))  # fmt: skip
    path = written(tmp_path, "WhatsApp Chat with Bob.txt", chat)
    found = read_all(path, speakers={"Bob": "assistant"})
    assert [turns(item) for item in found] == [QA]


def test_an_export_is_followed_to_where_the_chat_was_left(tmp_path):
    def node(name, parent, role, text):
        message = {"author": {"role": role}, "content": {"parts": [text]}} if role else None
        return name, {"id": name, "message": message, "parent": parent, "children": []}

    mapping = dict([
        node("r", None, "", ""), node("u", "r", "user", Q), node("a", "u", "assistant", A),
        node("b", "u", "assistant", "another answer"),
    ])  # fmt: skip
    mapping["r"]["children"], mapping["u"]["children"] = ["u"], ["a", "b"]
    row = {"title": "t", "mapping": mapping, "current_node": "a"}
    path = written(tmp_path, "conversations.json", json.dumps([row]))
    assert [turns(item) for item in read_all(path)] == [QA]
