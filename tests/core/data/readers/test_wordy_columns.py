import pytest

from core.data.readers.wordy_columns import (
    are_conversations,
    is_prose,
    is_wordy,
    mean_length,
    texts_of,
)


@pytest.mark.parametrize(
    "text",
    ["12", "3.5", "2024-03-01", "2024-03-01T10:00:00Z", "1.3.2024", "March 1, 2024 10:00am",
     "10:35", "id-000123", "https://example.org/a1", "a81f9c0e"],
)  # fmt: skip
def test_numbers_dates_and_links_are_no_words(text):
    assert not is_wordy([text] * 5)


@pytest.mark.parametrize("text", ["So.", "On March 1, 2024 it rained.", "3 apples", "Grüße"])
def test_words(text):
    assert is_wordy([text] * 5)


def test_lengths():
    rows = [{"a": "words here", "b": 3, "c": "12"}] * 3
    assert mean_length("a", rows) == 10
    assert mean_length("b", rows) == mean_length("c", rows) == 0
    assert texts_of("b", rows) == []


def test_prose_and_conversations():
    assert is_prose(["three words here"])
    assert not is_prose(["two words"])
    assert are_conversations(["Q: Why?\nA: So."] * 3)
    assert not are_conversations([])
