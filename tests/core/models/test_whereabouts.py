"""A project that is carried to another machine finds its base model there by its hash."""

import shutil
from pathlib import Path

import pytest

from core import settings
from core.actions.results import evaluate
from core.cli import main
from core.commands.terminal import run_job
from core.errors import UserFacingError
from core.models import whereabouts
from core.models.hub import local
from core.models.inspection import inspect_model
from core.models.sample import sample_model_folder
from core.models.whereabouts import find_base, remember_base
from core.project import Project
from core.wizard import load_state


@pytest.fixture(autouse=True)
def another_machine(monkeypatch, tmp_path):
    """Nothing of the person's own folders is looked at."""
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "application"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "work" / "project")


def test_a_folder_that_is_there_is_taken(project, tiny_model):
    remember_base(project, str(tiny_model), "another hash")
    assert find_base(project, str(tiny_model)) == tiny_model
    assert find_base(project, "/never/used") == Path("/never/used")


@pytest.mark.parametrize("place", [
    "application/models/a", "work/tiny", "work/models/x", "work/project/models/b",
    "home/.cache/huggingface/hub/models--o--n/snapshots/1",
])  # fmt: skip
def test_the_same_model_is_found_by_its_hash(project, tiny_model, tmp_path, place):
    remember_base(project, "C:\\Models\\tiny", inspect_model(tiny_model).fingerprint)
    decoy = tmp_path / "application" / "models" / "0-decoy"
    shutil.copytree(tiny_model, decoy)
    (decoy / "config.json").write_text((decoy / "config.json").read_text() + " ")
    (tmp_path / "work" / "broken").mkdir()
    (tmp_path / "work" / "broken" / "config.json").write_text("{")
    shutil.copytree(tiny_model, tmp_path / place)
    assert find_base(project, "C:\\Models\\tiny") == tmp_path / place


def test_folders_that_the_person_added_are_searched(project, tiny_model, tmp_path, monkeypatch):
    shutil.copytree(tiny_model, tmp_path / "elsewhere" / "tiny")
    added = settings.Settings(model_folders=(str(tmp_path / "elsewhere"),))
    monkeypatch.setattr(local, "load_settings", lambda: added)
    remember_base(project, "/old/tiny", inspect_model(tiny_model).fingerprint)
    assert find_base(project, "/old/tiny") == tmp_path / "elsewhere" / "tiny"


def test_a_model_that_is_nowhere_is_named(project):
    remember_base(project, "/old/models/Llama 3", "abc")
    with pytest.raises(UserFacingError) as refusal:
        find_base(project, "/old/models/Llama 3")
    assert refusal.value.code == "model.elsewhere"
    assert "“Llama 3”" in refusal.value.what


def test_the_sample_model_can_be_made_anywhere(project):
    remember_base(project, "/old/SmolLM2-135M-Instruct", "abc")
    assert find_base(project, "/old/SmolLM2-135M-Instruct") == sample_model_folder()


def test_a_queued_training_is_enough_to_know_the_base_elsewhere(own_copy, walked, tmp_path):
    """Carried before it was ever trained: only what was chosen is known."""
    own_copy.update_info(base_models={})
    assert main(["train", "--project", str(own_copy.root), "--queue", "--json"]) == 0
    known = own_copy.info()["base_models"]
    assert known == {str(walked.base): inspect_model(walked.base).fingerprint}


def test_a_carried_project_trains_and_is_judged_there(own_copy, walked, tmp_path):
    """Project and model on other paths, the old ones gone: train, evaluate, as ever."""
    moved = tmp_path / "andere Maschine 漢字"
    shutil.move(own_copy.root, moved)
    project = Project.open(moved)
    state_file = project.wizard_file
    gone = "/gone/tiny-llama"
    for path in (state_file, project.info_file, *moved.glob("runs/*/*.json")):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(str(walked.base), gone), encoding="utf-8")
    shutil.copytree(walked.base, moved.parent / "tiny llama")
    assert main(["train", "--project", str(moved), "--set", "max_steps=2", "--json"]) == 0
    assert load_state(project).base_model == str(moved.parent / "tiny llama")
    scores = evaluate(project, "train-001", questions=1, run_job=run_job)
    assert scores.base.perplexity > 1


@pytest.mark.parametrize("known", [7, [], {"/never/used": ["x"]}, "x"])
def test_what_is_no_list_of_models_is_none(project, known):
    project.update_info(base_models=known)
    assert find_base(project, "/never/used") == Path("/never/used")
    remember_base(project, "/a", "b")
    assert project.info()["base_models"] == {"/a": "b"}


def test_windows_asks_no_other_computer_for_a_strangers_model(project, monkeypatch):
    """It would send your name and a hash of your password along."""
    monkeypatch.setattr(whereabouts, "_WINDOWS", True)
    asked = []
    monkeypatch.setattr(whereabouts, "Path", lambda text: Asked(text, asked))
    for wanted in (r"\\host\share", "//host/share", r"\\?\UNC\host\share"):
        find_base(project, wanted)
    assert asked == []
    find_base(project, r"C:\models\a")
    assert asked == [r"C:\models\a"]


class Asked:
    """A path that notes when the disk is asked about it."""

    def __init__(self, text, asked):
        self.text, self.asked = text, asked

    def is_dir(self):
        self.asked.append(self.text)
        return False
