from __future__ import annotations

import pytest

from core.evaluation.facts.numbers import days_of, numbers_of, readings, says_no_more, spelled_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234", {1234, 1.234}),
        ("1.234,5", {1234.5}),
        ("1 250", {1250}),
        ("3.25", {3.25}),
        ("-7", {7}),
    ],
)
def test_separators_are_read_in_every_way_that_makes_sense(text, values):
    assert readings(text) == values


def test_numbers_before_the_items_of_a_list_are_none():
    assert [n.values for n in numbers_of("1. Take 3 eggs.\n2. Wait.")] == [frozenset({3.0})]
    assert [n.values for n in numbers_of("三百二十人")] == [frozenset({320.0})]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-seven", 27),
        ("three hundred and five", 305),
        ("siebenundzwanzig", 27),
        ("vingt et un", 21),
        ("cuarenta y seis", 46),
        ("quarenta e seis", 46),
        ("two thousand", 2000),
    ],
)
def test_numbers_in_words(text, value):
    assert [n.values for n in spelled_of(text)] == [frozenset({float(value)})]


@pytest.mark.parametrize(
    "text", ["2023-05-04", "4 May 2023", "May 4, 2023", "4. Mai 2023", "4 de mayo de 2023",
             "2023年5月4日", "04/05/2023"],
)  # fmt: skip
def test_dates_in_every_order(text):
    (found,) = days_of(text)
    assert (2023, 5, 4) in found.days
    assert text[found.start : found.end] == text


def test_a_month_alone_is_no_date():
    assert days_of("You may march in May.") == []


def test_less_is_vouched_for_by_more():
    assert says_no_more((2023, 5, None), (2023, 5, 4))
    assert not says_no_more((2023, 5, 4), (2023, 5, None))
