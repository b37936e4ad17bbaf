from core.data.readers.exports.threads import find_threads
from core.data.readers.formats.records import Record


def row(name, role, text, **more):
    return {"conversation_id": name, "role": role, "content": text, **more}


ROWS = [row(1, "user", "a"), row(1, "assistant", "b"), row(2, "user", "c"), row(2, "bot", "d")]


def conversations(rows):
    records = [Record(n, value) for n, value in enumerate(rows, start=1)]
    found = find_threads(rows).join(iter(records))
    return [(r.line, [m["content"] for m in r.value["messages"]]) for r in found]


def test_neighbours_of_one_conversation_are_joined():
    assert conversations(ROWS) == [(1, ["a", "b"]), (3, ["c", "d"])]


def test_the_best_replies_of_a_tree_are_taken():
    rows = [
        row(1, "prompter", "a", message_id="m", parent_id=None),
        row(1, "assistant", "b", message_id="n", parent_id="m", rank=1),
        row(1, "assistant", "c", message_id="o", parent_id="m", rank=0),
        row(1, "prompter", "d", message_id="p", parent_id="o"),
    ]
    assert conversations(rows) == [(1, ["a", "c", "d"])]


def test_damaged_rows_pass_as_they_are():
    records = [Record(1, ROWS[0]), Record(2, fault="damaged"), Record(3, ROWS[1])]
    found = list(find_threads(ROWS).join(iter(records)))
    assert [r.fault for r in found] == ["damaged", ""]
    assert len(found[1].value["messages"]) == 2


def test_other_rows_are_no_threads():
    assert find_threads([]) is None
    assert find_threads(["text"]) is None
    assert find_threads([{"conversation_id": 1, "question": "a", "answer": "b"}]) is None
    assert find_threads([row(1, "wizard", "a")]) is None


def test_names_of_any_kind_do_no_harm():
    for name in ([1], {"a": 1}, 10**400, 1.5, None, True):
        rows = [
            row(1, "prompter", "a", message_id="m", parent_id=name),
            row(1, "assistant", "b", message_id=name, parent_id="m", rank=10**400),
            row(1, "assistant", "c", message_id=[name], parent_id="m", rank={"x": 1}),
        ]
        assert conversations(rows)[0][0] == 1


def test_numbers_name_messages_too():
    rows = [
        row(1, "prompter", "a", message_id=7, parent_id=None),
        row(1, "assistant", "b", message_id=8, parent_id=7, rank=1),
        row(1, "assistant", "c", message_id=9, parent_id=7, rank=0),
    ]
    assert conversations(rows) == [(1, ["a", "c"])]
