from __future__ import annotations

from core import language
from core.language import PSEUDO
from gui.shell.preferences.options import CLOSING, languages, said


def test_a_chosen_language_is_listed_even_where_there_is_no_catalogue() -> None:
    assert languages("")[0] == ("Same as system", "")
    assert [key for _name, key in languages("")][1:] == language.available()
    assert "nl" in [key for _name, key in languages("nl")]


def test_choices_are_said_in_the_present_language() -> None:
    language.use(PSEUDO)
    try:
        shown = said(CLOSING)
    finally:
        language.use("en")
    assert [value for _text, value in shown] == [value for _text, value in CLOSING]
    assert all(text != source for (text, _a), (source, _b) in zip(shown, CLOSING, strict=True))
