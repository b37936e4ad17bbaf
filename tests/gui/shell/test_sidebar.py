from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton

from core.project import Project
from core.wizard import Step, WizardState
from gui.kit.theme import apply_theme
from gui.shell.activity.watch import Activity, Download
from gui.shell.sidebar import Sidebar


def test_it_names_the_project_and_opens_the_steps(qtbot, tmp_path: Path) -> None:
    bar = Sidebar()
    qtbot.addWidget(bar)
    bar.show_state(None, WizardState(), elsewhere=False)
    assert bar.project.text() == "No project open"
    project = Project.create(tmp_path / "lamps")
    state = WizardState(project_chosen=True, current=Step.EXAMPLES)
    bar.show_state(project, state, elsewhere=False)
    assert bar.project.text() == "lamps"
    chosen: list[Step] = []
    bar.steps.chosen.connect(chosen.append)
    bar.steps.findChildren(type(bar.preferences))[0].click()
    assert chosen == [Step.START]


def test_in_a_window_that_is_narrow_for_its_words_it_shows_signs_only(
    qapp, qtbot, tmp_path: Path
) -> None:
    apply_theme(qapp, "light", 2.2)
    bar = Sidebar()
    qtbot.addWidget(bar)
    bar.activity.show_activity(Activity((Download("Own/A", 0.25),)))
    state = WizardState(project_chosen=True, current=Step.EXAMPLES)
    bar.show_state(Project.create(tmp_path / "lamps"), state, elsewhere=False)
    wide, words = bar.width(), [button.text() for button in bar.findChildren(QPushButton)]
    bar.fit(900)
    bar.show()
    assert bar.narrow
    assert bar.width() < 0.15 * 900
    for button in bar.findChildren(QPushButton):
        if not button.isVisible():
            continue
        assert button.accessibleName()
        assert button.toolTip(), button.accessibleName()
        if button in bar.activity.downloads.values():
            continue  # it shortens what it says
        assert button.width() >= button.sizeHint().width(), button.accessibleName()
    assert bar.steps.button(Step.EXAMPLES).text() == " 2"
    assert "Examples" in bar.steps.button(Step.EXAMPLES).toolTip()
    assert bar.activity.downloads["Own/A"].figure.text() == "25%"
    bar.fit(1400)
    assert not bar.narrow
    assert (bar.width(), [b.text() for b in bar.findChildren(QPushButton)]) == (wide, words)
    apply_theme(qapp, "light")


def test_no_name_is_cut_at_the_largest_text_in_the_smallest_window(qapp, qtbot) -> None:
    apply_theme(qapp, "light", 1.7)
    bar = Sidebar()
    qtbot.addWidget(bar)
    bar.show_state(None, WizardState(project_chosen=True), elsewhere=False)
    bar.resize(bar.width(), 620)
    bar.show()
    for button in bar.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width(), button.text()
        assert button.height() >= button.sizeHint().height(), button.text()
    assert bar.preferences.geometry().bottom() <= bar.height()
    apply_theme(qapp, "light")


def test_the_step_that_is_shown_is_in_sight_at_the_largest_text(qapp, qtbot) -> None:
    apply_theme(qapp, "light", 1.7)
    bar = Sidebar()
    qtbot.addWidget(bar)
    bar.resize(bar.width(), 560)
    bar.show()
    area = bar._area.viewport()
    for step in (Step.SAVING, Step.EXAMPLES, Step.COMPARISON):
        bar.show_state(None, WizardState(project_chosen=True, current=step), elsewhere=False)
        qtbot.wait(20)
        button = bar.steps.button(step)
        top = button.mapTo(area, QPoint(0, 0)).y()
        assert top >= 0 and top + button.height() <= area.height(), step
    apply_theme(qapp, "light")
