import re

from core.chat import readings, turns
from core.chat.notes import MISSING, PLACES, SENTENCES, named, packed, sentences


def test_every_note_has_a_sentence_and_a_bit():
    names = {
        value
        for module in (readings, turns)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and re.fullmatch("[a-z_]+", value)
    }
    assert names | MISSING == set(SENTENCES) == set(PLACES)
    assert len(PLACES) == len(set(PLACES)) <= 31


def test_notes_survive_as_bits():
    for note in PLACES:
        assert named(packed([note])) == [note]
    assert named(packed(PLACES)) == list(PLACES)
    assert packed([]) == 0


def test_missing_content_is_told_first_and_counted():
    told = sentences({"empty_thinking": 7, "lost_tool": 1200}, 3000)
    assert [note for note, _ in told] == ["lost_tool", "empty_thinking"]
    assert told[0][1].endswith("(1,200 of 3,000 examples)")
    assert sentences({}, 3) == []
