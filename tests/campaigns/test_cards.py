from pathlib import Path

import pytest

from core.project import Project
from tests.campaigns import cards
from tests.campaigns.cards import compare
from tests.campaigns.nursery import Tally


@pytest.mark.slow
def test_short_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cards.main(["--cases", "2", "--steps", "3", "--keep", str(tmp_path)])
    text = capsys.readouterr().out
    assert code == 0, text
    assert text.endswith("cases 2, failures 0\n")
    assert text.count("largest distance of a step's loss 0.0") == 2


def test_a_training_without_steps_is_a_failure(tmp_path: Path) -> None:
    project, tally = Project.create(tmp_path / "project"), Tally()
    one, other = project.new_run("train"), project.new_run("train")
    for folder in (one, other):
        folder.events_file.touch()
    compare(tally, "all", other, one)
    assert len(tally.failures) == 1
    assert "100.00% apart" in tally.failures[0]
