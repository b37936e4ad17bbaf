import numpy as np
import pytest

from core.data.findings import population
from core.data.findings.analysis import FACTS
from core.data.findings.kinds import BIT, Kind


def facts(count, **columns):
    array = np.zeros(count, dtype=FACTS)
    array["characters"], array["answer_characters"] = 200, 100
    for name, values in columns.items():
        array[name] = values
    return array


def test_good_rows():
    kinds = [0, BIT[Kind.HTML], BIT[Kind.EMPTY], BIT[Kind.MALFORMED_ROW], BIT[Kind.UNLEARNABLE]]
    good = population.good_rows(facts(5, kinds=kinds))
    assert good.tolist() == [True, True, False, False, False]


def test_giants_and_dwarfs_are_outliers():
    lengths = np.random.default_rng(0).integers(100, 400, 100)
    lengths[:2] = (20_000, 2)
    found = population.outliers(facts(100, characters=lengths, answer_characters=lengths // 2))
    assert np.flatnonzero(found).tolist() == [0, 1]


def test_several_giants_do_not_hide_each_other():
    lengths = np.random.default_rng(0).integers(30, 700, 150)
    lengths[:4] = (5000, 6000, 7000, 9000)
    found = population.outliers(facts(150, characters=lengths, answer_characters=lengths))
    assert np.flatnonzero(found).tolist() == [0, 1, 2, 3]


def test_short_answers_alone_are_no_outliers():
    answers = np.full(100, 300)
    answers[:5] = 1
    assert not population.outliers(facts(100, answer_characters=answers)).any()


def test_few_rows_have_no_outliers():
    lengths = np.full(40, 100)
    lengths[0] = 50_000
    assert not population.outliers(facts(40, characters=lengths)).any()


@pytest.mark.parametrize("name", ["language", "answer_language"])
def test_a_foreign_language_among_many(name):
    codes = np.full(100, 1)
    codes[3], codes[4] = 2, 0
    assert np.flatnonzero(population.foreign_languages(facts(100, **{name: codes}))).tolist() == [3]


def test_two_languages_are_a_mixture_not_a_mistake():
    codes = np.repeat([1, 2], 50)
    assert not population.foreign_languages(facts(100, language=codes)).any()


def test_translations_are_no_foreign_language():
    codes, tasks = np.full(100, 1), np.zeros(100, bool)
    codes[3], tasks[3] = 2, True
    table = facts(100, answer_language=codes, language_task=tasks)
    assert not population.foreign_languages(table).any()


def test_json_among_plain_and_plain_among_json():
    is_json = np.zeros(100, bool)
    is_json[7] = True
    assert np.flatnonzero(population.mixed_formats(facts(100, is_json=is_json))).tolist() == [7]
    assert np.flatnonzero(population.mixed_formats(facts(100, is_json=~is_json))).tolist() == [7]
    wanted = facts(100, is_json=is_json, wants_json=is_json)
    assert not population.mixed_formats(wanted).any()
    half = np.arange(100) % 2 == 0
    assert not population.mixed_formats(facts(100, is_json=half)).any()
    third = np.arange(99) % 3 == 0
    assert population.mixed_formats(facts(99, is_json=third)).sum() == 33


def test_another_shape_is_always_another_format():
    foreign = np.array([False, True, False])
    assert population.mixed_formats(facts(3, foreign=foreign)).tolist() == foreign.tolist()


def test_too_long():
    assert population.too_long(facts(3, tokens=[5, 16, 17]), 16).tolist() == [False, False, True]


def test_conflicts():
    table = facts(7, question=[5, 5, 6, 6, 0, 0, 7], answer=[1, 2, 3, 3, 1, 2, 1])
    every = np.arange(7)
    assert population.conflicts(table, every, every).tolist() == [0, 0, -1, -1, -1, -1, -1]
    near = np.array([0, 0, 2, 3, 4, 5, 6])
    assert (population.conflicts(table, every, near) == -1).all()
    assert (population.conflicts(table, every[:1], every) == -1).all()
