import os

import pytest

from core.errors import UserFacingError
from core.files import write_json
from core.project import Project


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Mein Projekt ü 🙂", "Docs")


def refused(action):
    with pytest.raises(UserFacingError) as refusal:
        action()
    return refusal.value.code


def test_a_project_is_found_again(project):
    again = Project.open(project.root)
    assert again == project
    assert again.name == "Docs"


def test_creating_never_mixes_with_other_files(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    assert refused(lambda: Project.create(tmp_path)) == "project.not_empty"
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]


def test_opening_a_plain_folder_is_refused(tmp_path):
    assert refused(lambda: Project.open(tmp_path)) == "project.not_found"


def test_a_project_of_a_newer_version_is_refused(project):
    write_json(project.info_file, {"format": 99, "name": "x"})
    assert refused(lambda: Project.open(project.root)) == "project.newer_version"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said(tmp_path):
    tmp_path.chmod(0o500)
    assert refused(lambda: Project.create(tmp_path / "x")) == "disk.no_permission"


def test_two_windows_cannot_own_one_project(project):
    lock = project.lock()
    assert refused(project.lock) == "project.in_use"
    lock.release()
    project.lock().release()


def test_runs_are_numbered_by_kind(project):
    names = [project.new_run(kind).name for kind in ("train", "trial", "train")]
    assert names == ["train-001", "trial-001", "train-002"]
    assert project.latest_run("train").name == "train-002"
    assert project.latest_run("export") is None


@pytest.mark.parametrize("name", ["train-009", "../data", "", "."])
def test_an_unknown_run_is_said(project, name):
    assert refused(lambda: project.run(name)) == "run.not_found"


def test_info_is_changed_in_place(project):
    project.update_info(answer_format="x")
    assert project.info()["answer_format"] == "x"
    assert project.name == "Docs"
