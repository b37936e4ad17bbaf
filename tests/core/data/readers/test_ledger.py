from core.data.example import BadRow, Source
from core.data.readers.ledger import Ledger, size_of
from tests.core.data.examples import ask


def texts(ledger):
    return [notice.text for notice in ledger.notices()]


def test_what_is_not_used_is_named_with_its_share():
    ledger = Ledger()
    ledger.note(ask("x" * 40, "y" * 40))
    ledger.leave("notes", "z" * 20)
    ledger.leave("id", None)
    assert ledger.shares() == {"notes": 0.2, "id": 0.0}
    assert texts(ledger) == [
        "Not used: “notes”, 20% of the text.",
        "Also not used: “id”, less than 1% of the text.",
    ]


def test_five_thousand_columns_are_two_lines():
    ledger = Ledger()
    for number in range(5000):
        ledger.leave(f"c{number}", "x")
    (line,) = texts(ledger)
    assert "and 1,988 more" in line


def test_names_from_a_file_cannot_write_to_the_terminal():
    ledger = Ledger()
    ledger.leave("a\x1b[31m\n" + "b" * 100, "x")
    assert "\x1b" not in texts(ledger)[0]
    assert len(texts(ledger)[0]) < 120


def test_fields_of_turns_that_nobody_reads():
    ledger = Ledger()
    ledger.leave_of_turns("messages", [{"role": "user", "content": "x", "mood": "glad"}, 3])
    ledger.leave_of_turns("messages", "text")
    assert ledger.unused == {"messages → mood": 4}


def test_rows_that_cannot_be_read_are_counted_by_reason():
    ledger = Ledger()
    for line in range(3):
        ledger.note(BadRow(Source("a", line), "it is odd"))
    ledger.note(BadRow(Source("a", 9), "once"))
    assert texts(ledger) == ["3 rows are left out: it is odd."]


def test_people_of_a_chat_are_asked_for_together():
    ledger = Ledger()
    ledger.speakers.roles(["Ann", "Bob", "Ann"])
    (line,) = texts(ledger)
    assert "“Ann” (2), “Bob” (1)" in line
    assert '--speaker "Bob=assistant"' in line


def test_a_guessed_and_an_unknown_speaker_are_named_with_their_turns():
    ledger = Ledger()
    ledger.note(ask("a", "b"))
    ledger.speakers.roles(["hummany", "gpt"])
    ledger.speakers.roles(["user", "gpt", "Brine"])
    assert texts(ledger)[0] == "The speaker “hummany” is read as “user” in 1 turn."
    assert "“Brine” speaks in 1 turn and" in texts(ledger)[1]


def test_size_of():
    assert size_of({"a": ["xy", {"b": "z"}], "c": None, "d": 5}) == 4
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert size_of(deep) == 0
