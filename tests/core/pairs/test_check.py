import pytest

from core.pairs.check import SAID, fault_of, words_of

PASSAGE = (
    "The fresh water tank of the Lark holds 120 litres and is filled through the brass cap on the "
    "foredeck. Marie Dahl says: “Boil the water in summer.” The tank is cleaned every spring with "
    "vinegar and rinsed twice, and 1,5 litres of oil are for the engine."
)
Q, A = "How much water does the tank hold?", "It holds 120 litres."


def fault(question=Q, answer=A, passage=PASSAGE, asked=()):
    return fault_of(question, answer, passage, list(asked))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (Q, A),
        ("With what is the tank cleaned every spring?", "It is cleaned with vinegar."),
        ("Who says that the water should be boiled?", "Marie Dahl says “Boil the water”."),
        ("How much oil is for the engine?", "1,5 litres"),
    ],
)
def test_what_the_passage_says_passes(question, answer):
    assert fault(question, answer) == ""


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("The tank holds water.", A, "no_question"),
        ("Tank?", A, "no_question"),
        ("How much? Is it clean?", A, "no_question"),
        (Q, "", "no_answer"),
        (Q, "That is not mentioned.", "no_answer"),
        ("What does this text say about the tank?", A, "about_the_text"),
        (Q, "It holds 125 litres.", "number"),
        ("How much of the 130 litres of water is in the tank?", A, "number"),
        (Q, "The tank of the Heron holds 120 litres.", "name"),
        (Q, "It holds “plenty of water” in 120 litres.", "quote"),
        ("Which soil suits blueberries in the garden?", A, "elsewhere"),
        (Q, "The tank holds the water.", "says_nothing"),
        (Q, "Engineers designed 120 clever modern kitchens.", "invented"),
        (Q, PASSAGE, "copies"),
    ],
)
def test_what_it_does_not_say_is_named(question, answer, expected):
    long_enough = f"{PASSAGE} It is refilled before each trip, which takes some ten minutes."
    assert fault(question, answer, long_enough) == expected
    assert SAID[expected]


def test_a_question_is_asked_once():
    assert fault(asked=[words_of("How much water does this tank hold?")]) == "repeated"
    assert fault(asked=[words_of("Where is the brass cap?")]) == ""


def test_german_nouns_are_no_names():
    passage = (
        "Der Tank fasst 120 Liter Wasser und wird durch den Deckel am Bug gefüllt. Im Frühling "
        "reinigt man ihn mit Essig und spült ihn danach zweimal mit klarem Wasser aus."
    )
    assert fault("Wie viel Wasser fasst der Tank?", "Er fasst 120 Liter Wasser.", passage) == ""


def test_scripts_without_spaces_are_compared_by_pairs_of_signs():
    passage = "水箱可以装一百二十升水。春天要用醋清洗水箱，然后用清水冲洗两次。"
    assert fault("水箱可以装多少水？", "水箱可以装一百二十升水。", passage) == ""
    assert fault("水箱可以装多少水？", "猫喜欢在花园里睡觉和玩耍。", passage) == "invented"
