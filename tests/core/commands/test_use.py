import pytest

from core.cli import main
from core.generation.spec import Ask, Done, Turn
from core.project import Project
from core.serving.use.record import UseRecord
from tests.core.commands.typed import document


def note(project, count=3):
    with UseRecord(project) as record:
        for n in range(count):
            asked = Ask(id=f"{n}", messages=(Turn(role="user", content=f"Where is place {n}?"),))
            done = Done(id=f"{n}", reason="stop", seconds=2.0, tokens=5)
            record.add(asked, "There.", done, characters=200)
        record.mark(1, "edited", "Beside the old mill, behind the school.")
        record.mark(2, "wrong")


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "p")


def test_nothing_recorded_is_said(project, capsys):
    assert main(["use", "--project", str(project.root)]) == 0
    assert "Nothing is recorded yet." in capsys.readouterr().out
    assert not project.use_file.exists()


def test_the_figures_are_said(project, capsys):
    note(project)
    assert main(["use", "--project", str(project.root)]) == 0
    said = capsys.readouterr().out
    assert "3 answers recorded" in said
    assert "base: 3" in said
    assert "Usual time: 2.0 s" in said
    assert "Judged: 0 right, 1 wrong, 1 corrected" in said
    assert "1 answer can become an example" in said


def test_what_was_reviewed_becomes_examples(own_copy, capsys):
    note(own_copy)
    assert main(["use", "--learn", "--json", "--project", str(own_copy.root)]) == 0
    found = document(capsys)
    assert found["learned"]["added"] == 1
    assert found["usable"] == 0
    assert main(["use", "--learn", "--project", str(own_copy.root)]) == 0
    assert "No example was added." in capsys.readouterr().out
