import pytest

from core.data.readers.choices import chosen, is_choices, listed

PLAIN = ["three", "four"]
LABELLED = {"text": PLAIN, "label": ["1", "2"]}


def test_is_choices():
    assert is_choices("choices", PLAIN)
    assert is_choices("Options", LABELLED)
    assert not is_choices("choices", "three, four")
    assert not is_choices("context", PLAIN)
    assert not is_choices("choices", ["only"])


def test_listed():
    assert listed(PLAIN) == "A. three\nB. four"
    assert listed(LABELLED) == "1. three\n2. four"


@pytest.mark.parametrize(
    ("answer", "value", "expected"),
    [
        (1, PLAIN, "B. four"),
        ("B", PLAIN, "B. four"),
        ("2", LABELLED, "2. four"),
        ("four", PLAIN, None),
        (7, PLAIN, None),
        (True, PLAIN, None),
        (None, PLAIN, None),
    ],
)
def test_chosen(answer, value, expected):
    assert chosen(answer, value) == expected
