from __future__ import annotations

import pytest

from gui.shell.palette.fuzzy import plain, ranked, score

NAMES = ["Training", "Train more …", "Base model", "Learning rate", "Preferences", "Dark",
         "Ergebnis größer", "Open “Support answers”"]  # fmt: skip


def found(typed: str) -> list[str]:
    return ranked(typed, NAMES, str)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("train", "Training"),
        ("bm", "Base model"),
        ("lr", "Learning rate"),
        ("support", "Open “Support answers”"),
        ("osa", "Open “Support answers”"),
        ("PREF", "Preferences"),
        ("grosser", "Ergebnis größer"),
        ("rate learn", "Learning rate"),
    ],
)
def test_a_few_letters_find_it(typed: str, first: str) -> None:
    assert found(typed)[0] == first


def test_nothing_typed_means_everything_in_its_order() -> None:
    assert found("") == NAMES


@pytest.mark.parametrize("typed", ["xyz", "ngi", "darkest"])
def test_letters_out_of_order_or_from_the_middle_mean_nothing(typed: str) -> None:
    assert found(typed) == []


def test_the_beginning_counts_more_than_the_middle() -> None:
    assert score("model", "Model hub") > score("model", "Base model") > score("model", "Remodel")


def test_accents_and_case_do_not_matter() -> None:
    assert plain("Größe ÉTÉ") == "grosse ete"


def test_other_words_count_from_their_beginning_and_less_than_the_name() -> None:
    assert score("export", "Saving", "gguf export") > 0
    assert score("port", "Saving", "gguf export") == 0
    assert score("save export", "Save it", "gguf export") > 0
    assert score("export", "Export") > score("export", "Saving", "export")
