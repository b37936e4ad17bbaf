from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.examples.rejected_rows import RejectedRows
from gui.rows.outliers import Rejection
from gui.wizard.page import Page
from gui.wizard.session import Session
from tests.core.data.examples import clean_pairs, instruction_rows, write_jsonl
from tests.core.data.versions.test_rejection import accept


def test_a_rejection_waits_for_its_draft_and_is_followed_once(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", instruction_rows(clean_pairs(60, seed=5)))
    version = accept(tmp_path, source)
    unwanted = [next(iter(version.examples("train")))]
    folder = tmp_path / "project" / "data" / "draft"
    page = Page(session)
    qtbot.addWidget(page)
    rejected = RejectedRows(page)
    with qtbot.assertNotEmitted(rejected.found):
        rejected.follow(folder)
    rejected.take(Rejection(version.folder, unwanted))
    with qtbot.waitSignal(rejected.found) as found:
        rejected.follow(folder)
    assert found.args == [[unwanted[0].source.line - 1]]
    with qtbot.assertNotEmitted(rejected.found):
        rejected.follow(folder)
    rejected.shut_down()
