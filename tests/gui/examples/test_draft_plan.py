from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices
from core.errors import UserFacingError
from gui.examples import draft_plan
from gui.examples.draft_plan import DraftPlanner
from gui.wizard.page import Page
from gui.wizard.session import Session
from tests.gui.examples.drafts import make_draft


@pytest.mark.parametrize("at_once", [5_000, 0])
def test_a_draft_is_planned_at_once_or_beside_the_window(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(draft_plan, "_PLAN_AT_ONCE", at_once)
    page = Page(session)
    qtbot.addWidget(page)
    planner = DraftPlanner(page)
    with make_draft(tmp_path) as draft:
        with qtbot.waitSignal(planner.planned) as planned:
            planner.plan(draft, tmp_path / "draft", Choices())
        of_draft, plan, tasks = planned.args
        assert of_draft is draft
        assert plan.kept_count == draft.plan(Choices()).kept_count
        assert sum(tasks.counts(plan.kept).values()) == plan.kept_count
        monkeypatch.setattr(draft_plan, "_tasks_in", lambda _folder: pytest.fail("known already"))
        with qtbot.waitSignal(planner.planned) as again:
            planner.plan(draft, tmp_path / "draft", Choices().without_rows([0]))
        assert again.args[2] is tasks
        planner.shut_down()


def test_a_damaged_draft_is_reported_on_its_page(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(session)
    qtbot.addWidget(page)
    planner = DraftPlanner(page)

    def damaged(_choices: Choices) -> None:
        raise UserFacingError("draft.damaged", "Damaged.", "Choose the file again.")

    with make_draft(tmp_path) as draft:
        monkeypatch.setattr(draft, "plan", damaged)
        with qtbot.waitSignal(page.failed) as failed:
            planner.plan(draft, tmp_path / "draft", Choices())
    assert failed.args[0].code == "draft.damaged"
    planner.shut_down()
