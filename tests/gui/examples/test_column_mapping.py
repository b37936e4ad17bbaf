from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.draft import Draft
from core.data.readers import ReadOptions
from core.data.readers.ledger import Notice
from gui.examples.column_mapping import ColumnMapping, guessed_in_words, notices_in_words
from tests.gui.examples.drafts import make_draft


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    with make_draft(tmp_path) as made:
        yield made


def test_the_guess_is_said_in_one_line(draft: Draft) -> None:
    assert guessed_in_words(draft.summary) == (
        "Questions and answers (jsonl, UTF-8). Question: “question”; Answer: “answer”."
    )


def test_an_unsure_guess_asks_to_be_checked(draft: Draft) -> None:
    unsure = draft.summary.model_copy(update={"confidence": 0.4})
    assert guessed_in_words(unsure).endswith("Please check.")


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


def test_another_encoding_is_read_with_at_once(draft: Draft, qtbot: QtBot) -> None:
    mapping = ColumnMapping()
    qtbot.addWidget(mapping)
    mapping.show_summary(draft.summary)
    assert "As detected" in mapping.encoding.currentText()
    place = mapping.encoding.findData("cp1252")
    mapping.encoding.setCurrentIndex(place)
    with qtbot.waitSignal(mapping.corrected) as corrected:
        mapping.encoding.activated.emit(place)
    assert corrected.args[0].encoding == "cp1252"


def test_it_can_be_filled_again(draft: Draft, qtbot: QtBot) -> None:
    mapping = ColumnMapping()
    qtbot.addWidget(mapping)
    for _ in range(2):
        mapping.show_summary(draft.summary)
        assert list(mapping.fields) == ["question", "answer"]
        assert mapping.again.parent() is mapping


def test_a_table_of_thousands_of_columns_is_shown_at_once(draft: Draft, qtbot: QtBot) -> None:
    names = ("question", "answer", *(f"c{n}" for n in range(5000)))
    wide = draft.summary.model_copy(update={"columns": names})
    mapping = ColumnMapping()
    qtbot.addWidget(mapping)
    begin = time.process_time()
    mapping.show_summary(wide)
    assert time.process_time() - begin < 1
    assert len(mapping.fields) == 40
    mapping.more.setCurrentIndex(mapping.more.findText("c4321"))
    mapping.more.activated.emit(mapping.more.currentIndex())
    field = mapping.fields["c4321"]
    field.setCurrentIndex(field.findData("context"))
    assert mapping.options().columns["c4321"] == "context"
    mapping.show_summary(draft.summary)
    assert list(mapping.fields) == ["question", "answer"]
    assert mapping.more.isHidden()


def test_what_was_left_out_is_said_a_line_each(draft: Draft) -> None:
    notices = tuple(Notice(kind="unused", text=f"Not used: “c{n}”.") for n in range(10))
    words = notices_in_words(draft.summary.model_copy(update={"notices": notices}))
    assert words.splitlines()[0] == "Not used: “c0”."
    assert words.splitlines()[-1] == "And 2 more like these."
    assert notices_in_words(draft.summary.model_copy(update={"notices": ()})) == ""


def test_several_files_of_different_kinds_are_said_in_words(draft: Draft) -> None:
    mixed = {"shape": "mixed", "format": "mixed", "encoding": "mixed"}
    said = guessed_in_words(draft.summary.model_copy(update=mixed))
    assert said.startswith("Rows of different kinds (several formats, several encodings).")
