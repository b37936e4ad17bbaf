from __future__ import annotations

import json
from pathlib import Path

from core.data.cleaning import Choices, ReviewDecision, RowAction, RowChoice
from core.data.draft import Draft, ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.mixture import MixtureOptions
from core.data.scan import scan
from gui.examples.findings.edit_history import EditHistory, edit_in_words, undecided


def test_each_choice_can_be_undone() -> None:
    made = EditHistory()
    assert not made.undo()
    ignored = Choices().with_action(Kind.EXACT_DUPLICATE, Action.IGNORE)
    assert made.choose("ignore: exact copies", ignored)
    assert not made.choose("again", ignored), "nothing new"
    assert made.last == "ignore: exact copies"
    assert made.undo()
    assert made.choices == Choices()
    assert made.last == ""


def test_mixture_and_share_are_undone_too() -> None:
    made = EditHistory()
    made.mix("mix", MixtureOptions(general=7))
    for percent in (16, 17, 18):
        made.hold_out("share", percent)
    assert made.last == "share"
    made.undo()
    assert (made.held_out, made.mixture.general) == (15, 7), "one change, however many steps"
    made.undo()
    assert made.mixture == MixtureOptions()
    assert not made.undo()


def test_everything_is_found_again_for_the_same_draft() -> None:
    made = EditHistory()
    made.choose("review", Choices().with_verdict(3, ReviewDecision.FLAG))
    made.mix("mix", MixtureOptions(general=7))
    made.hold_out("share", 30)
    memory = made.to_memory("scan-1")
    again = EditHistory.from_memory(memory, "scan-1")
    assert (again.choices, again.mixture) == (made.choices, made.mixture)
    assert again.split.held_out == 0.3
    other = EditHistory.from_memory(memory, "scan-2")
    assert (other.choices, other.mixture, other.held_out) == (Choices(), MixtureOptions(), 15)


def test_damaged_memory_means_nothing_was_decided() -> None:
    for known in ({"choices": 3}, {"mixture": {"general": -1}}, {"held_out": "many"}):
        assert EditHistory.from_memory({"draft": "d", **known}, "d").choices == Choices()


def test_what_can_do_harm_is_undecided_until_every_row_of_it_is(tmp_path: Path) -> None:
    rows = [{"question": f"What is {n}?", "answer": f"It is {n + 1} or so."} for n in range(20)]
    for n in (3, 7):
        rows[n]["answer"] = f"Log in with the password = Tr0ub4dor&{n}9zQ and go on."
    source = tmp_path / "rows.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    scan([source], ScanOptions(), tmp_path / "draft")
    with Draft(tmp_path / "draft") as draft:

        def left(choices: Choices) -> dict[Kind, int]:
            return undecided(draft, draft.plan(choices), choices)

        assert left(Choices()) == {Kind.SECRET: 2}
        kept = RowChoice(action=RowAction.KEEP)
        one = Choices().with_row(3, kept)
        assert left(one) == {Kind.SECRET: 1}
        assert left(one.with_row(7, RowChoice(action=RowAction.DROP))) == {}
        assert left(Choices().without_rows([3, 7])) == {}
        for action in (Action.IGNORE, Action.FIX):
            assert left(Choices().with_action(Kind.SECRET, action)) == {}


def test_a_decision_is_named_by_its_button() -> None:
    assert edit_in_words(Kind.PERSONAL_DATA, Action.FIX) == "Hide: personal data"
    assert edit_in_words(Kind.PERSONAL_DATA, Action.IGNORE) == "Keep as is: personal data"
    assert edit_in_words(Kind.EXACT_DUPLICATE, Action.DROP) == "Remove copies: exact copies"
    assert edit_in_words(Kind.HTML, Action.IGNORE) == "Ignore: stray HTML or markup"
