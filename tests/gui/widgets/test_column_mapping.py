from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.draft import Draft
from core.data.readers import ReadOptions
from gui.widgets.column_mapping import ColumnMapping, guessed_in_words
from tests.gui.widgets.drafts import make_draft


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    with make_draft(tmp_path) as made:
        yield made


def test_the_guess_is_said_in_one_line(draft: Draft) -> None:
    assert guessed_in_words(draft.summary) == (
        "Questions and answers (jsonl, utf-8). Question: “question”; Answer: “answer”"
    )


def test_an_unsure_guess_asks_to_be_checked(draft: Draft) -> None:
    unsure = draft.summary.model_copy(update={"confidence": 0.4})
    assert guessed_in_words(unsure).endswith("please check")


def test_corrections_are_handed_on(draft: Draft, qtbot: QtBot) -> None:
    mapping = ColumnMapping()
    qtbot.addWidget(mapping)
    mapping.show_summary(draft.summary)
    assert mapping.options() == ReadOptions(columns={"question": "question", "answer": "answer"})
    field = mapping.fields["question"]
    field.setCurrentIndex(field.findData("system"))
    mapping.encoding.setCurrentIndex(mapping.encoding.findData("cp1252"))
    with qtbot.waitSignal(mapping.corrected) as corrected:
        mapping.again.click()
    expected = ReadOptions(columns={"question": "system", "answer": "answer"}, encoding="cp1252")
    assert corrected.args == [expected]


def test_it_can_be_filled_again(draft: Draft, qtbot: QtBot) -> None:
    mapping = ColumnMapping()
    qtbot.addWidget(mapping)
    for _ in range(2):
        mapping.show_summary(draft.summary)
        assert list(mapping.fields) == ["question", "answer"]
        assert mapping.again.parent() is mapping
