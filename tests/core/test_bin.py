import json
import time
from pathlib import Path

import pytest

from core import bin as bin_
from core.bin import bring_back, delete_for_good, in_bin, put_in_bin
from core.errors import UserFacingError
from core.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "Projekt ü 漢字")


def trained(project: Project):
    run = project.new_run("train")
    (run.root / "best").mkdir()
    (run.root / "best" / "weights").write_bytes(b"w" * 1000)
    return run


def test_what_was_deleted_comes_back_as_it_was(project):
    run = trained(project)
    binned = put_in_bin(project, run)
    assert not run.root.exists()
    assert binned.size >= 1000
    assert in_bin([project.root]) == [binned]
    assert bring_back(binned) == run
    assert [path.name for path in run.root.iterdir()] == ["best"]
    assert in_bin([project.root]) == []


def test_its_name_is_not_given_to_another_meanwhile(project):
    binned = put_in_bin(project, trained(project))
    assert project.new_run("train").name == "train-002"
    (project.runs_folder / "train-001").mkdir()
    with pytest.raises(UserFacingError) as refusal:
        bring_back(binned)
    assert refusal.value.code == "bin.name_taken"
    assert binned.run.root.is_dir()


def test_the_space_is_freed_on_demand_or_after_a_month(project, monkeypatch):
    delete_for_good(put_in_bin(project, trained(project)))
    assert list(project.bin.iterdir()) == []
    old, new = put_in_bin(project, trained(project)), trained(project)
    later = time.time() + 31 * 86_400
    monkeypatch.setattr(bin_.time, "time", lambda: later)
    fresh = put_in_bin(project, new)
    assert in_bin([project.root, project.root.parent / "gone"]) == [fresh]
    assert not old.run.root.exists()


def test_nothing_else_in_a_folder_of_that_name_is_ever_touched(project, tmp_path, monkeypatch):
    """Somebody else's project folder may hold anything."""
    elsewhere = tmp_path / "elsewhere" / "train-007"
    elsewhere.mkdir(parents=True)
    mark = json.dumps({"at": 0})
    (elsewhere / "deleted.json").write_text(mark)
    project.bin.mkdir()
    for name in ("train-001", "photos", "train-002x"):
        (project.bin / name).mkdir()
    (project.bin / "photos" / "deleted.json").write_text(mark)
    (project.bin / "train-001" / "deleted.json").write_text('{"at": "soon"}')
    (project.bin / "train-003").symlink_to(elsewhere)
    assert in_bin([project.root]) == []
    other = Project.create(tmp_path / "other")
    other.bin.symlink_to(elsewhere.parent)
    assert in_bin([other.root]) == []
    assert elsewhere.is_dir()
    assert len(list(project.bin.iterdir())) == 4
