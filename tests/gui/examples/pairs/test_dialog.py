"""Making, looking through and accepting pairs, with a job that makes them without a model."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.draft import DraftSummary, ScanOptions, SourceSummary
from core.models.sample import sample_model_folder
from core.pairs.proposals import Proposal, proposals_file, read_proposals, write_proposals
from core.project import RunFolder
from gui.examples.pairs.dialog import PairsDialog
from gui.wizard.session import Session
from tests.core.models.folders import make_model

GOOD = Proposal(
    question="How much water does the tank hold?",
    answer="It holds 120 litres.",
    passage="The fresh water tank holds 120 litres.",
    file="lark.pdf/page 4",
    line=9,
)
OTHER = GOOD.model_copy(update={"question": "Where is the cap?", "answer": "On the foredeck."})
BAD = GOOD.model_copy(update={"question": "How deep is it?", "fault": "number"})


def summary(path: Path) -> DraftSummary:
    source = SourceSummary(
        path=str(path), label=path.name, sha256="", format="pdf", encoding="", shape="text"
    )
    return DraftSummary(
        rows=1, format="pdf", shape="text", columns=("text",), mapping={"text": "text"},
        confidence=1.0, encoding="", findings={}, problems=(), sources=(source,),
        options=ScanOptions(),
    )  # fmt: skip


def made(session: Session) -> RunFolder:
    run = session.require_project().new_run("pairs")
    write_proposals(proposals_file(run), [BAD, GOOD, OTHER])
    return run


@pytest.fixture
def dialog(project_session: Session, qtbot: QtBot, tmp_path: Path) -> PairsDialog:
    return opened(project_session, qtbot, tmp_path)


def opened(session: Session, qtbot: QtBot, tmp_path: Path) -> PairsDialog:
    dialog = PairsDialog(session, summary(tmp_path / "lark.pdf"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.model.is_looking())
    return dialog


def test_the_sample_model_is_always_offered(dialog: PairsDialog) -> None:
    assert dialog.model.folder() == sample_model_folder()
    dialog.reject()


def test_what_was_made_is_looked_through_and_accepted(
    project_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    run = made(project_session)
    dialog = opened(project_session, qtbot, tmp_path)
    listed = [dialog.list.questions.item(n).text() for n in range(3)]
    assert listed == [
        GOOD.question,
        OTHER.question,
        f"{BAD.question}\nA number is not in the text.",
    ]
    assert dialog.passed.text() == "2 of 3 pairs passed the check."
    assert not dialog.use.isEnabled()
    assert "120 litres" in dialog.list.passage.toPlainText()
    qtbot.keyClick(dialog.list.questions, Qt.Key.Key_Space)
    assert dialog.use.text() == "Use 1 pair"
    dialog.list.all.click()
    assert dialog.use.text() == "Use 2 pairs"
    dialog.list.answer.setPlainText("120 litres, in a tank of steel.")
    with qtbot.waitSignal(dialog.made) as told:
        dialog.use.click()
    rows = told.args[0].read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2
    assert "tank of steel" in rows[0] and "lark.pdf/page 4" in rows[0]
    assert [one.decision for one in read_proposals(proposals_file(run))] == [
        "accepted", "accepted", "open",
    ]  # fmt: skip


def test_decisions_are_found_again_until_they_are_used(
    project_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    made(project_session)
    first = opened(project_session, qtbot, tmp_path)
    qtbot.keyClick(first.list.questions, Qt.Key.Key_Space)
    first.reject()
    again = opened(project_session, qtbot, tmp_path)
    assert [one.question for one in again.list.accepted()] == [GOOD.question]
    again.use.click()
    last = opened(project_session, qtbot, tmp_path)
    assert last.list.proposals() == []
    last.reject()


def test_a_pair_that_failed_is_accepted_only_by_itself(
    project_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    made(project_session)
    dialog = opened(project_session, qtbot, tmp_path)
    dialog.list.questions.setCurrentRow(2)
    dialog.list.question.setPlainText("How much does it hold?")
    assert dialog.list.questions.item(2).text() == "How much does it hold?"
    dialog.list.all.click()
    assert len(dialog.list.accepted()) == 3  # you changed it
    dialog.list.none.click()
    assert dialog.list.accepted() == []
    dialog.reject()


def test_a_job_makes_them_and_a_failure_is_said(
    project_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    project_session.give(base_model=str(make_model(tmp_path / "tiny") or tmp_path / "tiny"))
    dialog = opened(project_session, qtbot, tmp_path)
    assert dialog.model.folder() == tmp_path / "tiny"
    dialog.start.click()
    assert not dialog.list.isEnabled()
    qtbot.waitUntil(lambda: not dialog.job.is_running())  # there is no lark.pdf
    assert dialog.message.isVisible()
    assert dialog.list.isEnabled()
    dialog.reject()
