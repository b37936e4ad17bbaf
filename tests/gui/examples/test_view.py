from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices, RowAction
from core.data.draft import Draft
from gui.examples.view import ExamplesView
from tests.gui.examples.drafts import GOOD, make_draft


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    with make_draft(tmp_path) as made:
        yield made


@pytest.fixture
def view(draft: Draft, qtbot: QtBot) -> ExamplesView:
    made = ExamplesView()
    qtbot.addWidget(made)
    made.show_draft(draft, draft.plan(Choices()), Choices())
    return made


def listed(view: ExamplesView, what: str) -> list[int]:
    view.filter.setCurrentIndex(view.filter.findData(what))
    view.filter.activated.emit(view.filter.currentIndex())
    model = view.table.rows
    return [model.row_number(place) for place in range(model.rowCount())]


def test_the_filter_lists_what_is_used_left_out_or_found(view: ExamplesView) -> None:
    assert len(listed(view, "all")) == GOOD + 5
    assert listed(view, "left_out") == [GOOD, GOOD + 4]
    assert listed(view, "html") == [GOOD + 1]
    assert view.filter.currentText() == "Stray HTML or markup (1)"


def test_the_chosen_row_is_shown_in_full(view: ExamplesView) -> None:
    view.table.choose(3)
    assert view.text.toPlainText() == (
        "Question:\nHow tall is house number 3?\n\nAnswer:\nIt has 3 floors."
    )
    assert view.what.text() == "Row 4 · rows.jsonl, line 4 · Used"


def test_a_row_can_be_left_out(view: ExamplesView, qtbot: QtBot) -> None:
    view.table.choose(5)
    with qtbot.waitSignal(view.row_decided) as decided:
        view.leave_out.click()
    assert decided.args == [5, RowAction.DROP]


def test_without_a_draft_it_is_empty(view: ExamplesView) -> None:
    view.show_draft(None, None)
    assert view.table.rows.rowCount() == 0
    assert view.text.toPlainText() == ""
