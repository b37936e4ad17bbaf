from core.chat.cuts import Answer
from core.pairs.asking import cleaned, first_question, proposals
from core.pairs.passages import Passage
from tests.core.pairs.handbook import CHAPTERS

WATER = Passage(CHAPTERS["Water"], "lark.pdf/page 4", 9)
ROPES = Passage(CHAPTERS["Ropes"], "lark.pdf/page 3", 5)


def model(*rounds):
    said = iter(rounds)
    heard = []

    def ask(conversations):
        heard.append(conversations)
        return [Answer(text, cut=text.endswith("…")) for text in next(said)]

    return ask, heard


def test_pairs_carry_their_passage_and_what_the_check_found():
    ask, heard = model(
        ["Question: How much water does the tank hold?", "Where do the ropes lie?"],
        ["It holds 120 litres.", "They lie in the locker under the starboard bench of Ann."],
    )
    asked = []
    good, bad = proposals([WATER, ROPES], ask, "Base", asked)
    assert (good.question, good.answer) == (
        "How much water does the tank hold?",
        "It holds 120 litres.",
    )
    assert (good.fault, good.passage, good.file, good.model) == ("", WATER.text, WATER.file, "Base")
    assert bad.fault == "name"
    assert len(asked) == 1
    assert WATER.text in heard[0][0][-1].content
    assert "How much water does the tank hold?" in heard[1][0][-1].content


def test_the_same_question_passes_once_and_a_cut_answer_never():
    question = "How much water does the tank hold?"
    ask, _ = model([question] * 2, ["It holds 120 litres.", "120 litres."])
    first, again = proposals([WATER, WATER], ask, "Base", [])
    assert (first.fault, again.fault) == ("", "repeated")
    ask, _ = model([question], ["It holds 120 litres …"])
    assert proposals([WATER], ask, "Base", [])[0].fault == "cut"


def test_labels_marks_and_quotes_around_an_answer_go():
    assert cleaned("**Answer:** It rots.") == "It rots."
    assert cleaned("“It rots.”") == "It rots."
    assert cleaned('He says "no" often') == 'He says "no" often'
    assert first_question("Here is one:\n\n1. What rots?\n2. Who dries it?") == "What rots?"
    assert first_question("") == ""
