import json
from pathlib import Path

import pytest

from core.models.hub.local import find_by_name, find_local, hub_caches, lm_studio_folders
from core.models.hub.reference import HubReference
from core.models.hub.store import models_folder
from core.settings import Settings, save_settings
from tests.core.models.folders import make_model


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A home folder with nothing in it."""
    folder = tmp_path / "user 漢"
    folder.mkdir()
    monkeypatch.setattr(Path, "home", lambda: folder)
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME",
                 "UNSLOTH_STUDIO_HOME", "STUDIO_HOME"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return folder


def in_cache(cache: Path, name: str) -> Path:
    """Make a model as the hub's cache lays it out, with links to its blobs."""
    model = cache / f"models--{name.replace('/', '--')}"
    snapshot = make_model(model / "snapshots" / ("c" * 40))
    blobs = model / "blobs"
    blobs.mkdir()
    for path in list(snapshot.iterdir()):
        path.rename(blobs / path.name)
        path.symlink_to(Path("..") / ".." / "blobs" / path.name)
    return snapshot


def found():
    return {(model.source, model.name) for model in find_local()}


def test_models_of_other_programs_are_offered_where_they_lie(user):
    cached = in_cache(user / ".cache/huggingface/hub", "Own/Cached")
    make_model(user / ".lmstudio/models/Own/Studio")
    make_model(user / ".unsloth/studio/exports/run-1/merged")
    in_cache(user / ".unsloth/studio/cache/huggingface/hub", "Own/Sloth")
    make_model(user / "text-generation-webui/user_data/models/Own_Web")
    make_model(user / "Downloads/text-generation-webui-2.0/models/Old_Web")
    make_model(models_folder() / "plain")
    assert found() == {
        ("the Hugging Face cache", "Own/Cached"),
        ("LM Studio", "Own/Studio"),
        ("Unsloth", "merged"),
        ("Unsloth", "Own/Sloth"),
        ("text-generation-webui", "Own_Web"),
        ("text-generation-webui", "Old_Web"),
        ("Homelab Tuner", "plain"),
    }
    assert find_by_name(HubReference("own/cached")) == cached
    assert find_by_name(HubReference("Own/Web")).name == "Own_Web"
    assert find_by_name(HubReference("Own/None")) is None


def test_only_complete_safetensors_folders(user):
    place = user / ".lmstudio/models/Own"
    (place / "gguf").mkdir(parents=True)
    (place / "gguf/model-Q4.gguf").write_text("x")
    (make_model(place / "cut") / "model.safetensors").write_bytes(b"12")
    (make_model(place / "no-tokenizer") / "tokenizer.json").unlink()
    pickle = make_model(place / "pickle")
    (pickle / "model.safetensors").rename(pickle / "pytorch_model.bin")
    (make_model(place / "linked") / "evil.json").symlink_to("/etc/passwd")
    assert found() == set()


def test_a_complete_model_that_cannot_be_trained_says_why(user):
    make_model(user / ".lmstudio/models/Own/Foreign", architectures=["MambaForCausalLM"])
    (model,) = find_local()
    assert "cannot be trained" in model.why_not
    assert find_by_name(HubReference("Own/Foreign")) is None


def test_places_that_were_chosen_elsewhere(user, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    assert hub_caches() == [tmp_path / "cache", tmp_path / "hf" / "hub"]
    in_cache(tmp_path / "cache", "Own/There")
    (user / ".lmstudio").mkdir()
    settings = json.dumps({"downloadsFolder": str(tmp_path / "studio")})
    (user / ".lmstudio/settings.json").write_text("\ufeff" + settings)
    make_model(tmp_path / "studio/Own/Moved")
    save_settings(Settings(model_folders=(str(make_model(tmp_path / "mine")),)))
    assert {name for _, name in found()} == {"Own/There", "Own/Moved", "mine"}


@pytest.mark.parametrize("content", ["", "[]", "{", "3", '{"downloadsFolder": 3}', "[" * 99_999])
def test_settings_of_another_program_that_are_damaged(user, content):
    (user / ".lmstudio").mkdir()
    (user / ".lmstudio/settings.json").write_text(content)
    assert len(lm_studio_folders()) == 2


def test_a_model_found_twice_is_named_once(user):
    folder = make_model(models_folder() / "plain")
    save_settings(Settings(model_folders=(str(folder), str(models_folder()))))
    assert len(find_local()) == 1
