from pathlib import Path

import pytest
from filelock import FileLock

from core.errors import UserFacingError
from core.library import inventory as module
from core.library.inventory import delete, delete_unfinished, inventory, unfinished
from core.models.hub.store import models_folder, run_folder, staging_folder, write_record
from core.project import Project
from core.storage.files import write_json
from tests.core.models.folders import make_model
from tests.core.models.hub.test_store import listing


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "nobody")


@pytest.fixture
def model():
    folder = make_model(models_folder() / "Own--Name")
    write_record(folder, listing())
    return folder


@pytest.fixture
def project(tmp_path, model):
    project = Project.create(tmp_path / "p", "Recipes")
    run = project.new_run("train")
    facts = {"base_model": str(model), "dataset_version": "x", "seconds": 1.0, "steps": 3,
             "best_loss": 1.0}  # fmt: skip
    write_json(run.facts_file, facts)
    write_json(run.job_file, {"kind": "train", "params": {"base_model": str(model)}})
    return project


def test_what_takes_how_much_and_who_needs_it(model, project):
    (holding,) = inventory([project.root])
    assert holding.model.name == "Own/Name"
    assert holding.model.size > 20_000
    assert holding.needed_by == ("Recipes: train-001",)
    assert holding.is_own
    assert inventory([])[0].needed_by == ()


def test_one_that_is_needed_is_deleted_only_when_told_twice(model, project):
    (holding,) = inventory([project.root])
    with pytest.raises(UserFacingError, match="Recipes: train-001") as refusal:
        delete(holding, [project.root])
    assert refusal.value.code == "inventory.needed"
    assert model.is_dir()
    delete(holding, [project.root], although_needed=True)
    assert list(models_folder().iterdir()) == []


def test_one_that_is_used_right_now_stays(model, project):
    (holding,) = inventory([project.root])
    with FileLock(project.run("train-001").lock_file), pytest.raises(UserFacingError) as refusal:
        delete(holding, [project.root], although_needed=True)
    assert refusal.value.code == "inventory.busy"
    assert model.is_dir()


def test_one_of_another_program_is_never_deleted(tmp_path, monkeypatch):
    make_model(tmp_path / "nobody/.lmstudio/models/Own/Studio")
    (holding,) = inventory([])
    with pytest.raises(UserFacingError, match="LM Studio") as refusal:
        delete(holding, [])
    assert refusal.value.code == "inventory.foreign"
    outside = make_model(tmp_path / "outside")
    models_folder().mkdir(parents=True)
    (models_folder() / "link").symlink_to(outside)
    linked = next(h for h in inventory([]) if h.model.folder.name == "link")
    with pytest.raises(UserFacingError):
        delete(linked, [])
    assert (outside / "config.json").is_file()


def test_what_is_half_deleted_is_no_model(model, monkeypatch):
    def cut(_folder):
        raise OSError("power cut")

    monkeypatch.setattr(module.shutil, "rmtree", cut)
    with pytest.raises(UserFacingError):
        delete(inventory([])[0], [])
    assert inventory([]) == []


def test_an_unfinished_download(home):
    assert unfinished() == []
    run = run_folder("Own/Name")
    staging_folder(run).mkdir()
    write_record(staging_folder(run), listing())
    (staging_folder(run) / "model.safetensors.part").write_bytes(b"123")
    (download,) = unfinished()
    assert (download.repo, download.done, download.total) == ("Own/Name", 3, 7)
    assert not download.is_running
    with FileLock(run.lock_file):
        assert unfinished()[0].is_running
        with pytest.raises(UserFacingError) as refusal:
            delete_unfinished(download)
        assert refusal.value.code == "inventory.busy"
    delete_unfinished(download)
    assert unfinished() == []
