import datetime
import pickle

import pytest

from core import language
from core.events import Failed, Notice, from_line, to_line
from core.language import PSEUDO, PSEUDO_MIRRORED, Sentence, _, ngettext, one_after_another


@pytest.fixture
def speaks(monkeypatch):
    """Speak a language for one test."""
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "")

    def use(name):
        monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", name)

    return use


def test_nothing_stays_nothing(speaks):
    speaks("de")
    assert _("") == ""


def test_english_is_the_source(speaks):
    assert _("Loaded {count:,} rows.", count=12345) == "Loaded 12,345 rows."
    assert ngettext("{count} row", "{count:,} rows", 1) == "1 row"
    assert ngettext("{count} row", "{count:,} rows", 3000) == "3,000 rows"


def test_numbers_follow_the_language(speaks):
    speaks("de")
    assert language.number(12345.5, ",.1f") == "12.345,5"
    assert _("{x:,.1f} und {name}", x=1234.5, name="a.b,c") == "1.234,5 und a.b,c"
    assert _("{share:.0%}", share=0.25) == "25\N{NO-BREAK SPACE}%"
    assert language.money(3.5, "€") == "€3,50"
    assert language.date(datetime.date(2026, 11, 29)) == "29.11.2026"
    assert language.in_a_row(["a", "b", "c"]) == "a, b und c"


def test_languages_are_called_as_the_reader_calls_them(speaks):
    speaks("de")
    assert language.language_named("German") == "Deutsch"
    assert language.language_named("Chinese") == "Chinesisch"
    assert language.language_named("Klingon of the north") == "Klingon of the north"
    speaks("en")
    assert language.language_named("German") == "German"


def test_a_sentence_knows_its_source_in_other_processes_too(speaks):
    speaks(PSEUDO)
    inner = _("Disk {name} is full.", name="C:")
    sentence = _("{what} The run waits.", what=inner)
    again = pickle.loads(pickle.dumps(sentence))
    assert isinstance(again, Sentence)
    assert again == sentence
    assert again.english == "Disk C: is full. The run waits."


def test_the_pseudo_language_shows_what_is_cut_and_keeps_what_is_filled(speaks):
    speaks(PSEUDO)
    text = _("Open <b>{name}</b> now.", name="notes")
    assert "<b>notes</b>" in text
    assert text.startswith("⟦")
    assert text.endswith("⟧")
    assert len(text) > 1.3 * len("Open notes now.")


def test_only_some_languages_are_mirrored(speaks):
    speaks(PSEUDO)
    assert not language.right_to_left()
    speaks(PSEUDO_MIRRORED)
    assert language.right_to_left()


@pytest.mark.parametrize("wanted", ["xx_YY.UTF-8", "C", "POSIX", "zh_TW", "zh-Hant", "../../etc"])
def test_a_language_that_there_is_not_is_english(speaks, wanted):
    assert language.use(wanted) == "en"


def test_a_recorded_sentence_is_read_in_another_language(speaks):
    event = Failed(
        code="x",
        what=_("{count:,} rows are lost.", count=4000),
        todo=_("Ask {who}.", who=_("the owner")),
    )
    line = to_line(event)
    assert '"4,000 rows are lost."' in line
    assert from_line(line) == event
    speaks(PSEUDO)
    here = from_line(line)
    assert here.what == _("{count:,} rows are lost.", count=4000)
    assert here.todo == _("Ask {who}.", who=_("the owner"))
    assert to_line(here) == line


def test_what_was_recorded_elsewhere_can_reach_nothing(speaks):
    speaks("de")
    said = '"said":{"text":{"source":"{a.__class__}","parameters":{"a":"b"}}}'
    line = f'{{"kind":"notice","code":"x","text":"Plain.",{said}}}'
    assert from_line(line) == Notice(code="x", text="Plain.")
    for wrong in ('{"text":7}', '{"text":{"source":{}}}', "[]", '{"level":{"source":"a"}}'):
        line = f'{{"kind":"notice","code":"x","text":"Plain.","said":{wrong}}}'
        assert from_line(line).text == "Plain."


def test_a_parameters_inside_cannot_be_reached():
    with pytest.raises(KeyError):
        _("{a.__class__}", a="b")


def test_the_mirrored_pseudo_language_is_text_from_right_to_left(speaks):
    speaks(PSEUDO_MIRRORED)
    assert _("Pause").startswith("⟦\u200fPàüšé")


def test_sentences_one_after_another_are_read_again_in_another_language(speaks):
    speaks("en")
    one, two = _("Disk {name} is full.", name="C:"), _("The run waits.")
    both = one_after_another([one, two])
    assert both == "Disk C: is full. The run waits."
    line = to_line(Notice(code="disk.full", text=both))
    speaks(PSEUDO)
    assert from_line(line).text.count("⟦") == 3
    speaks("de")  # a frame without words is the same there, but nothing in it has a translation
    assert from_line(line).text == "Disk C: is full. The run waits."


def test_a_language_without_dates_of_its_own_has_those_of_the_source(speaks):
    speaks("tlh")  # installers carry the dates of the window's languages alone
    assert language.date(datetime.datetime(2026, 11, 30, 18, 5)) == "Nov 30, 2026"
