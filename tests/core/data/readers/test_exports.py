"""What programs export, in the forms that their documentation and users show."""

import json

import pytest

from tests.core.data.examples import read_all, turns

QA = [("user", "Why 1?"), ("assistant", "So 1.")]


def labelled(*results):
    annotation = {"was_cancelled": False, "result": list(results)}
    cancelled = {"was_cancelled": True, "result": [{"value": {"text": ["No."]}}]}
    return [cancelled, annotation]


LABEL_STUDIO = [
    {
        "id": n,
        "data": {"question": f"Why {n}?"},
        "annotations": labelled(
            {"type": "rating", "value": {"rating": 3}},
            {"type": "textarea", "value": {"text": [f"So {n}."]}},
        ),
    }
    for n in range(1, 5)
]
ARGILLA = [
    {
        "id": str(n),
        "status": "completed",
        "fields": {"prompt": f"Why {n}?"},
        "suggestions": {},
        "responses": {"answer": [{"value": f"So {n}.", "user_id": "u"}]},
    }
    for n in range(1, 5)
]
BEDROCK = [
    {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": "Be brief."}],
        "messages": [
            {"role": "user", "content": [{"text": f"Why {n}?"}]},
            {"role": "assistant", "content": [{"text": f"So {n}."}]},
        ],
    }
    for n in range(1, 5)
]
PIPPA = [
    {
        "bot_name": "Brine",
        "bot_greeting": "Ahoy!",
        "conversation": [
            {"message": f"Why {n}?", "is_human": True},
            {"message": f"So {n}.", "is_human": False},
        ],
    }
    for n in range(1, 5)
]
JAN = [
    {
        "object": "thread.message",
        "thread_id": f"t{n}",
        "role": role,
        "content": [{"type": "text", "text": {"value": text, "annotations": []}}],
    }
    for n in range(1, 5)
    for role, text in (("user", f"Why {n}?"), ("assistant", f"So {n}."))
]


def open_webui(n):
    nodes = {
        "q": {"id": "q", "parentId": None, "role": "user", "content": f"Why {n}?"},
        "old": {"id": "old", "parentId": "q", "role": "assistant", "content": "First try."},
        "new": {"id": "new", "parentId": "q", "role": "assistant", "content": f"So {n}."},
    }
    history = {"currentId": "new", "messages": nodes}
    return {"id": str(n), "title": "t", "chat": {"history": history, "messages": []}}


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        ("label-studio.json", LABEL_STUDIO, QA),
        ("argilla.json", ARGILLA, QA),
        ("bedrock.jsonl", BEDROCK, [("system", "Be brief."), *QA]),
        ("pippa.jsonl", PIPPA, QA),
        ("jan.jsonl", JAN, QA),
        ("open-webui.json", [open_webui(n) for n in range(1, 5)], QA),
    ],
)
def test_questions_and_answers_are_found(tmp_path, name, rows, expected):
    path = tmp_path / name
    text = "\n".join(map(json.dumps, rows)) if name.endswith("l") else json.dumps(rows, indent=1)
    path.write_text(text)
    items = read_all(path)
    assert turns(items[0]) == expected
    assert len(items) == 4


def test_a_choice_of_an_annotator_is_the_answer(tmp_path):
    path = tmp_path / "sentiment.json"
    rows = [
        {
            "data": {"text": f"Film number {n} was a pleasure to see."},
            "annotations": labelled({"type": "choices", "value": {"choices": ["Positive"]}}),
        }
        for n in range(4)
    ]
    path.write_text(json.dumps(rows))
    assert turns(read_all(path)[0]) == [
        ("user", "Film number 0 was a pleasure to see."),
        ("assistant", "Positive"),
    ]


def test_a_task_that_nobody_answered_has_no_answer(tmp_path):
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([*LABEL_STUDIO, {"data": {"question": "?"}, "annotations": []}]))
    assert [turns(item) for item in read_all(path)[-1:]] != [QA]


MESSENGER = json.dumps(
    {
        "participants": [{"name": "Mika"}, {"name": "Rowan"}],
        "messages": [
            {"sender_name": who, "timestamp_ms": 1_709_316_000_000 - n * 1000, "content": text}
            for n, (who, text) in enumerate([("Mika", "So 1."), ("Rowan", "Why 1?")] * 4)
        ],
    }
)
DISCORD = "AuthorID,Author,Date,Content,Attachments,Reactions\n" + "".join(
    f'"{who}","{who}","2024-03-01T18:00:0{n}","{text}",,\n'
    for n, (who, text) in enumerate([("Rowan", "Why 1?"), ("Mika", "So 1.")] * 4)
)


@pytest.mark.parametrize(
    ("name", "content"), [("message_1.json", MESSENGER), ("general.csv", DISCORD)]
)
def test_a_chat_between_people_is_read_in_the_order_in_which_it_was_said(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    (item,) = read_all(path, speakers={"Mika": "assistant"})
    assert turns(item) == QA * 4


def test_all_chats_of_an_export_are_read_apart(tmp_path):
    def chat(name):
        said = [(name, "Why 1?"), ("Mika", "So 1.")]
        return {
            "name": name,
            "type": "personal_chat",
            "messages": [
                {"type": "message", "date": "2024-03-01T18:00:00", "from": who, "from_id": who,
                 "text": [text[:2], {"type": "bold", "text": text[2:]}]}
                for who, text in said
            ],
        }  # fmt: skip

    path = tmp_path / "result.json"
    chats = {"about": "Chats", "list": [chat("Rowan"), chat("Ann")]}
    personal = {"user_id": 1, "first_name": "Mika"}
    path.write_text(json.dumps({"about": "x", "personal_information": personal, "chats": chats}))
    items = read_all(path, speakers={"Mika": "assistant"})
    assert [turns(item) for item in items] == [QA, QA]
