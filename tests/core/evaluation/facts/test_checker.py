"""What is marked in an answer, and what is vouched for in another form."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.evaluation.facts.checker import doubt, marked


def found(answer: str, *known: str, usual: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Return kind and text of each mark."""
    return [(m.kind, answer[m.start : m.end]) for m in marked(answer, known, usual)]


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        ("It costs 1,250 euros.", "It costs 1250 euros."),
        ("Es kostet 1.250 Euro.", "It costs 1250."),
        ("Cela coûte 1 250 euros.", "Cela coûte 1250 euros."),
        ("There are twenty-seven of them.", "There are 27 of them."),
        ("Es sind 27 Stühle.", "Es sind siebenundzwanzig Stühle."),
        ("入場料は1250円です。", "千二百五十円"),
        ("共有12把椅子。", "十二把椅子"),
        ("価格は１２５０円です。", "1250円"),
        ("On 4 May 2023.", "2023-05-04"),
        ("On May 4, 2023.", "04.05.2023"),
        ("Am 4. Mai 2023.", "May 4th, 2023"),
        ("Le 4 mai 2023.", "04/05/2023"),
        ("El 4 de mayo de 2023.", "2023年5月4日"),
        ("In May 2023 it opened.", "4 May 2023"),
        ("In 2023 it opened.", "4 May 2023"),
        ("Keller's order is late.", "the order of Keller"),
        ("Brandts Stühle fehlen, sagt Brandt.", "Die Firma Brandt wartet."),
        ("The Kellers wait.", "Keller"),
        ("Use `register_namespace`.", "def register_namespace(prefix, uri):"),
        ("Use `Registry.register`.", "class Registry:\n    def register(self):"),
        ("It says “Delivery within thirty days”.", "delivery within thirty days"),
        ("Yesterday it rained. Nobody came. However, Monday was dry.", "rain on Monday"),
        ("Der Vertrag liegt im Büro. Die Lieferung dauert eine Woche.", "Vertrag"),
        ("1. Open it.\n2. Close it.\n3. Wait.", "open, close, wait"),
        ("# How To Build Small Houses\nBegin early.", "houses"),
    ],
)
def test_what_is_known_in_another_form_is_sound(answer, known):
    assert found(answer, known) == []


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        ("It was built by Marta Kowalczyk.", ("name", "Marta Kowalczyk")),
        ("Marta Kowalczyk built it.", ("name", "Marta Kowalczyk")),
        ("We asked Okafor about it.", ("name", "Okafor")),
        ("Das hat Jonas Reinhardt bestätigt.", ("name", "Jonas Reinhardt")),
        ("Fragen Sie Frau Lindqvist.", ("name", "Lindqvist")),
        ("Il vit chez Émile Verdier.", ("name", "Émile Verdier")),
        ("これはマルタ・コワルチクの仕事です。", ("name", "マルタ・コワルチク")),
        ("这是玛尔塔·科瓦尔确认的。", ("name", "玛尔塔·科瓦尔确认的")),
        ("It weighs 883 grams.", ("number", "883")),
        ("It takes forty-six minutes.", ("number", "forty-six")),
        ("Es dauert siebenundvierzig Minuten.", ("number", "siebenundvierzig")),
        ("約883人です。", ("number", "883")),
        ("Since 17 August 1994.", ("date", "17 August 1994")),
        ("Seit dem 17.08.1994.", ("date", "17.08.1994")),
        ("See `flush_ledger_v9`.", ("identifier", "flush_ledger_v9")),
        ("Call close_all() first.", ("identifier", "close_all")),
        ("Order PX-200 now.", ("identifier", "PX-200")),
        ("Write to info@example.org now.", ("identifier", "info@example.org")),
        ("They say “never on a Sunday”.", ("quote", "never on a Sunday")),
        ("Man sagt „niemals am Sonntag“.", ("quote", "niemals am Sonntag")),
    ],
)
def test_what_nothing_vouches_for_is_marked(answer, mark):
    assert found(answer, "How does it work?", "It works well.") == [mark]


def test_the_day_of_a_known_month_is_marked():
    assert found("On 4 May 2023.", "in May 2023") == [("date", "4 May 2023")]


def test_a_number_with_one_separator_can_mean_both():
    assert found("It is 1.234.", "1,234") == []
    assert found("It is 1.234.", "1.234") == []
    assert found("It is 1.2345.", "12345") == [("number", "1.2345")]


def test_only_the_unknown_part_of_a_name_is_marked():
    assert found("It was Anna Sandvik.", "Anna Keller") == [("name", "Sandvik")]


def test_usual_words_are_no_names():
    answer = "It runs on Wednesday with Postgres."
    assert found(answer, "how") == [("name", "Postgres")]
    assert found(answer, "how", usual=frozenset({"postgres"})) == []


def test_marks_come_in_order_and_do_not_overlap():
    answer = "Henrik Sandvik paid 883 on 17 August 1994 for `px_new`."
    marks = marked(answer, ("Who paid?",))
    assert [mark.kind for mark in marks] == ["name", "number", "date", "identifier"]
    assert all(a.end <= b.start for a, b in pairwise(marks))


def test_parts_that_are_no_day_and_month_are_no_date():
    assert ("date", "45.67.89") not in found("It is 45.67.89.", "?")


def test_more_marks_are_more_doubtful():
    one = marked("It weighs 883 grams.", ("?",))
    two = marked("It weighs 883 grams, says Henrik Sandvik.", ("?",))
    assert 0 == doubt(()) < doubt(one) < doubt(two) < 1
