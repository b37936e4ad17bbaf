from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.jobs.under_way import Work
from gui.shell.activity.panel import ActivityPanel
from gui.shell.activity.watch import Activity, Download, Elsewhere


def shown(qtbot: QtBot) -> ActivityPanel:
    panel = ActivityPanel()
    qtbot.addWidget(panel)
    panel.resize(200, 300)
    panel.show()
    return panel


def test_it_is_there_also_when_nothing_is_under_way(qtbot: QtBot) -> None:
    panel = shown(qtbot)
    assert panel.idle.isVisible()
    panel.show_run("train-001", "41% · 14:20", 0.41)
    assert panel.idle.isHidden()
    panel.show_run("", "", None)
    assert panel.idle.isVisible()


def test_a_run_says_how_far_it_is_and_leads_there(qtbot: QtBot) -> None:
    panel = shown(qtbot)
    panel.show_run("train-001", "41% · 14:20", 0.41)
    assert panel.run.accessibleName() == "train-001, 41% · 14:20"
    assert panel.run.bar.value() == 410
    assert panel.run.height() >= 24
    with qtbot.waitSignal(panel.run_chosen):
        panel.run.click()


def test_jobs_of_pages_come_and_go_and_lead_there(qtbot: QtBot) -> None:
    panel = shown(qtbot)
    measuring = Work(Step.COMPARISON, "The base model answers", 0.3)
    panel.show_work((measuring, Work(Step.SAVING, "Loading")))
    assert not panel.idle.isVisible()
    assert panel.work[Step.COMPARISON].accessibleName() == "The base model answers, 30%"
    assert panel.work[Step.SAVING].bar.isHidden()
    with qtbot.waitSignal(panel.work_chosen) as chosen:
        panel.work[Step.COMPARISON].click()
    assert chosen.args == [Step.COMPARISON]
    panel.show_work(())
    assert panel.idle.isVisible() and not panel.work


def test_downloads_come_and_go(qtbot: QtBot) -> None:
    panel = shown(qtbot)
    panel.show_activity(Activity((Download("Own/A", 0.25), Download("Own/B", 0.5)), 3))
    assert panel.queue.isVisible()
    assert panel.downloads["Own/A"].accessibleName() == "A, 25%"
    with qtbot.waitSignal(panel.downloads_chosen):
        panel.downloads["Own/B"].click()
    panel.show_activity(Activity((Download("Own/B", 0.75),), 0))
    assert list(panel.downloads) == ["Own/B"]
    assert panel.queue.isHidden()
    panel.show_activity(Activity())
    assert panel.idle.isVisible()


def test_a_long_name_is_shortened_and_told_whole(qtbot: QtBot) -> None:
    panel = shown(qtbot)
    panel.show_activity(Activity((Download("Own/A-Model-With-A-Very-Long-Name", 0.1),)))
    row = panel.downloads["Own/A-Model-With-A-Very-Long-Name"]
    assert row.what.text().endswith("…")
    assert row.toolTip() == "A-Model-With-A-Very-Long-Name"


def test_a_run_of_another_project_is_told_and_leads_there(qtbot: QtBot) -> None:
    panel = shown(qtbot)
    garden = Path("garden")
    panel.show_activity(Activity(elsewhere=(Elsewhere(garden, "Garden answers"),)))
    assert panel.idle.isHidden()
    assert panel.elsewhere[garden].accessibleName() == "Training in “Garden answers”"
    with qtbot.waitSignal(panel.project_chosen) as chosen:
        panel.elsewhere[garden].click()
    assert chosen.args == [garden]
    panel.show_activity(Activity())
    assert panel.idle.isVisible() and not panel.elsewhere
