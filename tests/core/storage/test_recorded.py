import json

import pytest
from pydantic import BaseModel

from core.language import PSEUDO, Sentence, _, ngettext
from core.storage.recorded import Recorded, code_of, from_record, key_of, to_record


class Kept(BaseModel):
    text: Recorded


@pytest.fixture
def speaks(monkeypatch):
    return lambda language: monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", language)


SENTENCES = (
    lambda: _("nothing to fill in"),
    lambda: _("the line is longer than {limit:,} MB", limit=16),
    lambda: ngettext("{count:,} row: {reason}.", "{count:,} rows: {reason}.", 3, reason=_("odd")),
    lambda: _("{share:.0%} of {name}", share=0.25, name="{braces} of the data"),
)


@pytest.mark.parametrize("made", SENTENCES)
def test_the_same_is_stored_in_every_language_and_read_in_each(made, speaks):
    english, stored = made(), Kept(text=made()).model_dump_json()
    speaks(PSEUDO)
    there = made()
    assert Kept(text=there).model_dump_json() == stored
    assert there != english
    back = Kept.model_validate_json(stored)
    assert back.text == there
    assert back.model_dump_json() == stored, "nothing is lost when it is stored again"
    speaks("en")
    assert Kept.model_validate_json(stored).text == english
    assert Kept.model_validate_json(stored).model_dump_json() == stored


@pytest.mark.parametrize("text", ["", "{a} % {}", "once, by an earlier version", "\ud83d\ude00 ü"])
def test_plain_texts_stay_as_they_are(text):
    assert to_record(text) == text
    assert from_record(text) == text
    assert to_record(from_record(text)) == text


@pytest.mark.parametrize(
    "record",
    [
        {"text": "plain"},
        {"text": "plain", "source": 3, "parameters": {}},
        {"text": "plain", "source": "other", "parameters": []},
        {"text": "plain", "source": "other", "parameters": {}},
        {"text": "plain", "source": "{a.__class__}", "parameters": {"a": "b"}},
        {"text": "plain", "source": "{a:999999999}", "parameters": {"a": "b"}},
        {"text": "plain", "source": "{a:{b}}", "parameters": {"a": "b", "b": "9"}},
        {"text": "plain", "source": "{a}", "parameters": {"a": [1]}},
        {"text": "plain", "source": "{a}", "plural": 3, "parameters": {"a": 1}},
        {"text": "plain", "source": "{a}", "count": "3", "parameters": {"a": 1}},
        {"text": "plain", "source": "{b}", "parameters": {"a": 1}},
        {"text": "plain", "source": "{a:,}", "parameters": {"a": "letters"}},
    ],
)
def test_a_record_from_elsewhere_is_its_plain_text(record, speaks):
    assert from_record(record) == "plain"
    speaks(PSEUDO)
    assert from_record(record) == "plain"


def test_sentences_that_never_end_are_cut():
    record = {"text": "plain", "source": "{a}", "parameters": {"a": "plain"}}
    for _depth in range(100):
        record = {**record, "parameters": {"a": record}}
    assert from_record(json.loads(json.dumps(record))) == "plain"


@pytest.mark.parametrize("record", [None, 3, [], {}, {"text": 3}])
def test_what_is_no_record_is_refused(record):
    with pytest.raises(ValueError, match="no text"):
        from_record(record)


def test_what_counts_is_not_the_language(speaks):
    first = _("the sheet “{name}” has rows", name="a")
    speaks(PSEUDO)
    second = _("the sheet “{name}” has rows", name="a")
    assert first != second
    assert isinstance(second, Sentence)
    assert key_of(first) == key_of(second) != key_of(_("the sheet “{name}” has rows", name="b"))
    assert code_of(first) == code_of(second) == "the sheet “{name}” has rows"
    assert key_of("plain") == ("plain", ())
    assert code_of("plain") == "plain"
