import pytest

from core.data.readers.formats.chats.logs import find_chat
from core.data.readers.formats.records import Record


def conversations(*rows):
    records = (Record(n, value) for n, value in enumerate(rows, start=1))
    found = find_chat(rows).join(records)
    return [[(turn["role"], turn["content"]) for turn in r.value["messages"]] for r in found]


def discord(name, text, time):
    author = {"id": "7", "name": name, "isBot": False}
    return {"type": "Default", "author": author, "content": text, "timestamp": time}


def telegram(name, text, time):
    return {"type": "message", "from": name, "from_id": name, "text": text, "date_unixtime": time}


def slack(name, text, time):
    return {"type": "message", "user": name, "text": text, "ts": time}


@pytest.mark.parametrize(
    ("make", "times"),
    [
        (discord, ["2024-03-01T10:00:00+00:00", "2024-03-01T10:01:00+00:00",
                   "2024-03-01T10:02:00+00:00", "2024-03-02T10:00:00+00:00"]),
        (telegram, ["1709287200", "1709287260", "1709287320", "1709380000"]),
        (slack, ["1709287200.0001", "1709287260.0001", "1709287320.1", "1709380000.1"]),
    ],
)  # fmt: skip
def test_a_pause_begins_another_conversation(make, times):
    names = ("Ann", "Bob", "Bob", "Ann")
    rows = [
        make(name, f"text {n}", t) for n, (name, t) in enumerate(zip(names, times, strict=True))
    ]
    if make is telegram:
        rows = [{**row, "date": "2024-03-01T10:00:00"} for row in rows]
    assert conversations(*rows) == [
        [("Ann", "text 0"), ("Bob", "text 1\ntext 2")],
        [("Ann", "text 3")],
    ]


def test_who_waits_a_week_for_an_answer_is_still_answered():
    rows = [discord("Ann", "Who?", "2024-03-01T10:00"), discord("Bob", "Me.", "2024-03-08T10:00")]
    assert conversations(*rows) == [[("Ann", "Who?"), ("Bob", "Me.")]]


def test_role_play_is_one_conversation_below_its_head_line():
    head = {"user_name": "R", "character_name": "B"}
    said = [{"name": "B", "is_user": n % 2 == 1, "mes": f"text {n}"} for n in range(4)]
    assert conversations(head, *said) == [
        [("assistant", "text 0"), ("user", "text 1"), ("assistant", "text 2"), ("user", "text 3")]
    ]


def test_a_formatted_text_of_telegram_is_put_together():
    row = telegram("Ann", ["see ", {"type": "link", "text": "here"}], "1709287200")
    joined = {**telegram("Bob", "", "1709287201"), "type": "service", "actor": "Bob"}
    assert conversations(row | {"date": "x"}, joined | {"date": "x"}) == [[("Ann", "see here")]]


@pytest.mark.parametrize("time", [None, [], "soon", "9" * 400, 1e308, "2024-13-45"])
def test_odd_times_tear_nothing_apart(time):
    assert len(conversations(slack("a", "x", time), slack("b", "y", time))) == 1


def test_a_monologue_of_many_lines_is_joined_in_linear_time():
    rows = [slack("a", "x", str(n)) for n in range(50_000)]
    assert len(conversations(*rows)) == 1


@pytest.mark.parametrize(
    "rows", [[], ["x"], [{"question": "a", "answer": "b"}], [{"role": "user", "content": "x"}]]
)
def test_other_rows_are_no_chat(rows):
    assert find_chat(rows) is None


def test_damaged_rows_pass_as_they_are():
    rows = [slack("a", "x", "1"), slack("b", "y", "2")]
    records = [Record(1, rows[0]), Record(2, fault="damaged"), Record(3, rows[1]), Record(4, "z")]
    found = list(find_chat(rows).join(iter(records)))
    assert [r.fault for r in found] == ["damaged", ""]
