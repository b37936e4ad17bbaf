from __future__ import annotations

from core.data.cleaning import Choices, Verdict
from core.data.findings.kinds import Action, Kind
from core.data.mixture import MixtureOptions
from gui.decisions import Decisions


def test_each_choice_can_be_undone() -> None:
    made = Decisions()
    assert not made.undo()
    ignored = Choices().with_action(Kind.EXACT_DUPLICATE, Action.IGNORE)
    assert made.choose("ignore: exact copies", ignored)
    assert not made.choose("again", ignored), "nothing new"
    assert made.last == "ignore: exact copies"
    assert made.undo()
    assert made.choices == Choices()
    assert made.last == ""


def test_everything_is_found_again_for_the_same_draft() -> None:
    made = Decisions()
    made.choose("review", Choices().with_verdict(3, Verdict.FLAG))
    made.mixture = MixtureOptions(general=7)
    made.held_out = 30
    memory = made.to_memory("scan-1")
    again = Decisions.from_memory(memory, "scan-1")
    assert (again.choices, again.mixture) == (made.choices, made.mixture)
    assert again.split.held_out == 0.3
    other = Decisions.from_memory(memory, "scan-2")
    assert (other.choices, other.mixture, other.held_out) == (Choices(), MixtureOptions(), 15)


def test_damaged_memory_means_nothing_was_decided() -> None:
    for known in ({"choices": 3}, {"mixture": {"general": -1}}, {"held_out": "many"}):
        assert Decisions.from_memory({"draft": "d", **known}, "d").choices == Choices()
