import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.findings.whitespace import has_stray_whitespace, normalised, tidy
from tests.core.data.examples import INNOCENT


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (" a", "a"),
        ("a \n", "a"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("the  cat sat", "the cat sat"),
        ("the\t\tcat sat", "the cat sat"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("zero\u200bwidth", "zerowidth"),
        ("\ufeffmark", "mark"),
        ("soft\u00adhyphen", "softhyphen"),
        ("bell\x07", "bell"),
        ("a\x00b", "ab"),
        ("line \nend", "line\nend"),
        ("line\t\nend", "line\nend"),
        ("a\n \nb", "a\n\nb"),
        ("a\u2028b", "a\nb"),
    ],
)
def test_stray_white_space_is_found_and_repaired(text, clean):
    assert has_stray_whitespace(text)
    assert tidy(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "two\n\nparagraphs",
        "End.  Next sentence.",
        "markdown break  \nnext",
        "def f():\n    return 1\n\n    # done",
        "    indented = code\n    more = code",
        "| a   | b |\n|-----|---|\n| cd  | e |",
        "name      size\nlamp      3",
        "key:    value",
        "می\u200cخواهم",
        "👨\u200d👩\u200d👧",
        "a\tb\tc",
        "x = 1  # two spaces before a comment",
        *(answer for _, answer in INNOCENT),
    ],
)
def test_wanted_white_space_is_left_alone(text):
    assert not has_stray_whitespace(text)
    assert tidy(text) == text


PIECES = st.lists(
    st.sampled_from(
        ["a", "Word", " ", "  ", "\n", "\t", "\r\n", "\u200b", ".", "=", "|", "é", "\x01"]
    )
)


@given(PIECES.map("".join))
def test_tidy_is_done_after_once(text):
    once = tidy(text)
    assert tidy(once) == once
    assert not has_stray_whitespace(once)


@given(PIECES.map("".join))
def test_the_quick_look_agrees_with_the_repair(text):
    assert has_stray_whitespace(text) == (tidy(text) != text)


def test_normalised():
    assert normalised("  Hello\n WORLD ") == "hello world"
    assert normalised("Straße") == normalised("STRASSE")
    assert normalised("ﬁne\u200b") == "fine"
    assert normalised("é") == normalised("e\u0301")
