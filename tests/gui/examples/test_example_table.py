from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices, ReviewDecision
from core.data.draft import Draft
from core.data.findings.kinds import Action, Kind
from core.data.scan import scan
from core.data.spec import ScanOptions
from gui.examples.example_table import ExampleTable
from tests.gui.examples.drafts import GOOD, make_draft


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    with make_draft(tmp_path) as made:
        yield made


def table_of(draft: Draft, choices: Choices, qtbot: QtBot) -> ExampleTable:
    table = ExampleTable()
    qtbot.addWidget(table)
    table.show_rows(draft, draft.plan(choices), np.arange(len(draft)))
    table.show()
    return table


def cell(table: ExampleTable, row: int, column: int) -> str:
    return str(table.rows.data(table.rows.index(row, column)))


def test_rows_show_their_text_and_what_becomes_of_them(draft: Draft, qtbot: QtBot) -> None:
    table = table_of(draft, Choices(), qtbot)
    assert cell(table, 0, 1) == "How tall is house number 0?"
    assert cell(table, 0, 3) == "Used"
    assert cell(table, GOOD, 3) == "Left out: exact copies"
    assert cell(table, GOOD + 2, 2) == "A baker does."
    assert cell(table, GOOD + 2, 3) == "Repaired"
    assert "Not readable" in cell(table, GOOD + 4, 2)


def test_repaired_text_follows_the_choices(draft: Draft, qtbot: QtBot) -> None:
    table = table_of(draft, Choices(), qtbot)
    assert cell(table, GOOD + 1, 2) == "<p>Painters, mostly.</p>"
    fixed = Choices().with_action(Kind.HTML, Action.FIX)
    table.show_rows(draft, draft.plan(fixed), np.arange(len(draft)))
    assert cell(table, GOOD + 1, 2) == "Painters, mostly."


def test_edits_and_flags_of_the_person_are_shown(draft: Draft, qtbot: QtBot) -> None:
    choices = Choices().with_verdict(1, ReviewDecision.EDIT, ("Who?", "Nobody."))
    choices = choices.with_verdict(2, ReviewDecision.FLAG)
    table = ExampleTable()
    qtbot.addWidget(table)
    table.show_rows(draft, draft.plan(choices), np.arange(5), choices)
    assert cell(table, 1, 2) == "Nobody."
    assert cell(table, 1, 3) == "Changed by you"
    assert cell(table, 2, 3) == "Used · flagged"


def test_the_current_row_stays_current(draft: Draft, qtbot: QtBot) -> None:
    table = table_of(draft, Choices(), qtbot)
    table.choose(7)
    table.show_rows(draft, draft.plan(Choices()), np.arange(3, 20))
    assert table.current_row() == 7
    assert table.currentIndex().row() == 4


def test_the_keyboard_walks_through_the_rows(draft: Draft, qtbot: QtBot) -> None:
    table = table_of(draft, Choices(), qtbot)
    with qtbot.waitSignal(table.row_chosen) as chosen:
        qtbot.keyClick(table, Qt.Key.Key_Down)
    assert chosen.args == [1]


def test_a_million_rows_scroll_without_a_stall(draft: Draft, qtbot: QtBot) -> None:
    """The rows of the small draft over and over, as many as the table must bear."""
    table = table_of(draft, Choices(), qtbot)
    rows = np.resize(np.arange(len(draft)), 1_000_000)
    table.viewport().repaint()  # the first picture loads the fonts
    began = time.thread_time()  # of work: a busy computer does not count
    table.rows.show_rows(draft, draft.plan(Choices()), rows)
    table.viewport().repaint()
    for place in (999_999, 500_000, 3):
        table.scrollTo(table.rows.index(place, 0))
        table.viewport().repaint()
    assert (time.thread_time() - began) / 4 < 0.1


def test_a_conversation_is_shown_by_its_beginning_and_its_longest_answer(
    tmp_path: Path, qtbot: QtBot
) -> None:
    said = ["When do I cut them?", "In March, above the first buds.", "Thanks!", "ok"]
    roles = ["user", "assistant"] * 2
    turns = [{"role": role, "content": text} for role, text in zip(roles, said, strict=True)]
    source = tmp_path / "chat.jsonl"
    source.write_text(json.dumps({"messages": turns}) + "\n", encoding="utf-8")
    scan([source], ScanOptions(), tmp_path / "draft")
    with Draft(tmp_path / "draft") as draft:
        table = table_of(draft, Choices(), qtbot)
        assert cell(table, 0, 1) == "When do I cut them?"
        assert cell(table, 0, 2) == "2 answers, such as: In March, above the first buds."
