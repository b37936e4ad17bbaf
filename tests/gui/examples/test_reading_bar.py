from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.examples.reading_bar import ReadingBar
from tests.gui.examples.drafts import make_draft


def test_the_mapping_unfolds_where_the_guess_is_not_sure(qtbot: QtBot, tmp_path: Path) -> None:
    bar = ReadingBar()
    qtbot.addWidget(bar)
    with make_draft(tmp_path) as draft:
        summary = draft.summary
    bar.show_summary(summary)
    assert "Question: “question”" in bar.guessed.text()
    assert bar.mapping.isHidden()
    bar.show_summary(summary.model_copy(update={"confidence": 0.4}))
    assert bar.correct.isChecked()
    assert not bar.mapping.isHidden()
    with qtbot.waitSignal(bar.corrected) as corrected:
        bar.mapping.again.click()
    assert corrected.args[0].columns == {"question": "question", "answer": "answer"}
