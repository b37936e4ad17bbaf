import pytest

from core.data.readers.formats.chats.logs import find_chat
from core.data.readers.formats.records import Record

DAY = 86_400


def messenger(n, name, text):
    """Meta writes every byte of a name as a letter."""
    name, text = (part.encode().decode("latin-1") for part in (name, text))
    return {"sender_name": name, "timestamp_ms": 1000 * n, "content": text}


def encrypted(n, name, text):
    return {"senderName": name, "text": text, "timestamp": 1000 * n, "type": "text",
            "isUnsent": False, "media": [], "reactions": []}  # fmt: skip


def google(n, name, text):
    written = f"Friday, March 1, 2024 at 9:1{n}:00\u202fPM UTC"
    return {"creator": {"name": name}, "created_date": written, "text": text}


def skype(n, name, text):
    return {"id": str(n), "displayName": name, "originalarrivaltime": f"2024-03-01T21:1{n}:00Z",
            "messagetype": "RichText/Html", "content": f"<p>{text}</p>"}  # fmt: skip


def matrix(n, name, text):
    return {"type": "m.room.message", "sender": f"@{name}:x.org", "origin_server_ts": 1000 * n,
            "content": {"msgtype": "m.text", "body": text}}  # fmt: skip


def said(*rows):
    found = find_chat(rows).join(Record(n, row) for n, row in enumerate(rows, start=1))
    return [[(turn["role"], turn["content"]) for turn in r.value["messages"]] for r in found]


@pytest.mark.parametrize("make", [messenger, encrypted, google, skype, matrix])
def test_who_says_what(make):
    rows = [make(1, "Jörg", "für dich 😀"), make(2, "Ann", "thanks")]
    assert said(*rows) == [[("Jörg", "für dich 😀"), ("Ann", "thanks")]]


def test_what_was_taken_back_or_is_no_text_is_left_out():
    rows = [encrypted(1, "Ann", "a"), encrypted(2, "Bob", "b")]
    rows.insert(1, {**encrypted(1, "Ann", "secret"), "isUnsent": True})
    assert said(*rows) == [[("Ann", "a"), ("Bob", "b")]]


def slack(n, name, text, thread=None):
    row = {"type": "message", "user": name, "text": text, "ts": f"{1709287200 + n}.01"}
    return row if thread is None else {**row, "thread_ts": f"{1709287200 + thread}.01"}


def test_threads_of_slack_come_together_through_what_stands_between():
    rows = [slack(0, "A", "first?", 0), slack(1, "A", "second?", 1), slack(2, "B", "to one", 0),
            slack(3, "B", "to two", 1)]  # fmt: skip
    assert said(*rows) == [[("A", "first?"), ("B", "to one")], [("A", "second?"), ("B", "to two")]]


def test_marks_of_slack_are_shown_as_they_were_read():
    row = slack(0, "A", "ask <@U2> in <#C1|general> about <https://x.org|this> &amp; that <!here>")
    assert said(row) == [[("A", "ask @U2 in #general about this & that @here")]]


def test_the_reasoning_of_a_character_is_kept():
    thought = {"extra": {"reasoning": "A guest."}}
    rows = [{"name": "Y", "is_user": True, "mes": "Hi"},
            {"name": "B", "is_user": False, "mes": "Ahoy", **thought}]  # fmt: skip
    assert said(*rows)[0][1] == ("assistant", "<think>A guest.</think>\nAhoy")
