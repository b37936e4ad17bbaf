from __future__ import annotations

import pytest

from core.evaluation.facts.names import bare, names_of


def found(text: str, *, german: bool = False) -> list[str]:
    return [text[n.words[0].start : n.words[-1].end] for n in names_of(text, german=german)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It was Marta Kowalczyk.", ["Marta Kowalczyk"]),
        ("The house stands. Nobody came.", []),
        ("However, it rained on Monday in May.", []),
        ("We asked Dr. Okafor twice.", ["Okafor"]),
        ("the Bank of England said", ["Bank of England"]),
        ("これはマルタ・コワルチクです", ["マルタ・コワルチク"]),
    ],
)
def test_names(text, names):
    assert found(text) == names


def test_german_nouns_are_no_names():
    text = "Der Vertrag liegt im Büro und die Lieferung dauert."
    assert found(text, german=True) == []
    assert found("Das sagte Jonas Reinhardt gern.", german=True) == ["Jonas Reinhardt"]
    assert found("Fragen Sie Frau Lindqvist.", german=True) == ["Lindqvist"]


def test_a_possessive_is_taken_off():
    assert bare("Keller's") == bare("Keller’s") == bare("keller") == "keller"
