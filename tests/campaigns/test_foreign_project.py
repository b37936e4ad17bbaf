"""The short form of the campaign of strangers' projects: each attack once or twice."""

import shutil

import pytest

from tests.campaigns import foreign_project
from tests.campaigns.foreign_project_cases import ATTACKS


@pytest.mark.slow
def test_every_attack_is_harmless(capsys):
    assert foreign_project.main(["--cases", str(len(ATTACKS)), "--every", "7"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"cases {len(ATTACKS)}, failures 0"


def test_a_window_that_reports_nothing_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign_project, "_WINDOW", "raise SystemExit(3)")
    found = foreign_project.open_in_window(tmp_path, tmp_path / "project")
    assert found["ended"] == "died"
    assert found["wrong"]


def test_a_window_that_hangs_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign_project, "_WINDOW", "import time; time.sleep(100)")
    monkeypatch.setattr(foreign_project, "_PATIENCE", 0.5)
    assert foreign_project.open_in_window(tmp_path, tmp_path / "project")["ended"] == "hung"


def test_a_change_outside_and_a_started_job_are_failures(tmp_path, monkeypatch):
    """The campaign sees what it is there to see."""

    def attack(project, yours, _chance):
        monkeypatch.setattr(foreign_project, "open_in_window", lambda *_: harm(project, yours))

    def harm(project, yours):
        yours.startup.write_text("evil")
        (project.runs_folder / "train-002" / "log.txt").write_text("started")
        return {"shown": 0.1, "peak": 1.0, "ended": "opened", "wrong": []}

    monkeypatch.setattr(foreign_project, "ATTACKS", (attack,))
    base = tmp_path / "sound"
    shutil.unpack_archive(foreign_project._OLD, base)
    foreign_project.make_model_folder(tmp_path / "base")
    monkeypatch.setattr(foreign_project, "dice", lambda *_: Never())
    found = foreign_project.one_case(tmp_path, base, 0, 0, terminal=False)
    assert any("outside" in text for text in found["wrong"])
    assert any("jobs were started" in text for text in found["wrong"])


class Never:
    """Chance that adds no other attack."""

    def randrange(self, _most):
        return 0

    def sample(self, _from, _count):
        return []
