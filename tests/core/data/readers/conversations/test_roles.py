import pytest

from core.data.readers.conversations.roles import Speakers, known_role


@pytest.mark.parametrize(
    ("name", "role"),
    [(" Human ", "user"), ("GPT", "assistant"), ("developer", "system"), ("ipython", "tool"),
     ("wizard", None), (3, None)],
)  # fmt: skip
def test_names_of_other_programs(name, role):
    assert known_role(name) == role


def test_a_misspelt_role_is_read_and_counted():
    speakers = Speakers()
    assert speakers.roles(["hummany", "gpt", "hummany"]) == {"hummany": "user", "gpt": "assistant"}
    assert speakers.guessed == {("hummany", "user"): 2}


def test_an_unknown_speaker_beside_one_side_is_the_other_side():
    speakers = Speakers()
    assert speakers.roles(["system", "Rowan", "bot"])["Rowan"] == "user"
    assert speakers.roles(["user", "Brine"])["Brine"] == "assistant"


def test_an_unknown_speaker_beside_both_sides_is_named():
    speakers = Speakers()
    assert speakers.roles(["user", "assistant", "Brine", "Brine"]) == "Brine"
    assert speakers.roles(["Ann", "Bob"]) == "Ann"
    assert speakers.unknown == {"Brine": 2, "Ann": 1, "Bob": 1}


def test_what_was_said_about_a_name_counts_first():
    speakers = Speakers(given={"Brine": "assistant", "gpt": "user"})
    found = speakers.roles(["gpt", "Brine", "assistant"])
    assert found == {"gpt": "user", "Brine": "assistant", "assistant": "assistant"}


def test_a_stranger_in_every_row_fills_no_memory():
    speakers = Speakers()
    for number in range(1000):
        speakers.roles(["user", "assistant", f"someone {number}"])
    assert len(speakers.unknown) == 100


def test_when_one_of_a_chat_is_learned_the_others_ask():
    speakers = Speakers(given={"Mika": "assistant"})
    assert speakers.roles(["Rowan", "Mika"]) == {"Rowan": "user", "Mika": "assistant"}
    assert not speakers.guessed
