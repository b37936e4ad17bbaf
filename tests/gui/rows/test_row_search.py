from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices
from core.data.draft import Draft
from gui.examples.view import ExamplesView
from tests.gui import scenes
from tests.gui.examples.drafts import GOOD
from tests.gui.examples.test_view import draft, listed, view  # noqa: F401 - fixtures


def numbers(view: ExamplesView) -> list[int]:  # noqa: F811 - fixtures that are imported
    model = view.table.rows
    return [model.row_number(place) for place in range(model.rowCount())]


def look(view: ExamplesView, text: str, qtbot: QtBot) -> list[int]:  # noqa: F811
    with qtbot.waitSignal(view.search.found):
        view.search.setText(text)
    return numbers(view)


def test_words_are_found_in_questions_and_answers(
    view: ExamplesView,  # noqa: F811
    qtbot: QtBot,
) -> None:
    assert look(view, "number  7?", qtbot) == [7]
    assert look(view, "PAINTERS", qtbot) == [GOOD + 1]
    assert look(view, "it has 7 floors", qtbot) == [7]
    assert view.text.toPlainText().startswith("Question:")
    assert look(view, "0171 5550", qtbot) == []
    assert "none of the rows" in view.text.toPlainText()
    assert len(look(view, "", qtbot)) == GOOD + 5


def test_the_filter_and_the_search_apply_together(
    view: ExamplesView,  # noqa: F811
    qtbot: QtBot,
) -> None:
    assert look(view, "number 0?", qtbot) == [0, GOOD]  # the copy of the first
    assert listed(view, "used") == [0]
    assert listed(view, "left_out") == [GOOD]


def test_a_new_draft_is_looked_through_too(
    view: ExamplesView,  # noqa: F811
    draft: Draft,  # noqa: F811
    qtbot: QtBot,
) -> None:
    assert look(view, "shoes", qtbot) == [GOOD + 3]
    with Draft(draft.folder.parent) as other:
        with qtbot.waitSignal(view.search.found):
            view.show_draft(other, other.plan(Choices()), Choices())
        scenes.until(qtbot, lambda: numbers(view) == [GOOD + 3])
        view.show_draft(None, None)
