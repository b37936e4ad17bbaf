from pathlib import Path

from core.project import Project
from core.wizard import Step, WizardState
from gui.widgets.sidebar import Sidebar


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
    bar.steps.findChildren(type(bar.library))[0].click()
    assert chosen == [Step.START]
