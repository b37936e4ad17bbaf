"""A stand-in for Ollama's command: what is asked of it, and what its refusal becomes."""

import json
import sys
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.export.gguf import installed
from core.export.gguf.installed import (
    copy_to_lm_studio,
    create_in_ollama,
    has_ollama,
    lm_studio_folder,
    model_name,
)

_PROGRAM = """#!{python}
import json, os, sys
json.dump([os.getcwd(), *sys.argv[1:]], open({told!r}, "w"))
if {code}:
    sys.stderr.write("Error: could not connect to ollama app")
sys.exit({code})
"""


@pytest.fixture
def ollama(tmp_path, monkeypatch):
    """Return a function that installs a command which ends with a code."""

    def install(code):
        folder, told = tmp_path / "bin", tmp_path / "told.json"
        folder.mkdir()
        program = folder / "ollama"
        text = _PROGRAM.format(python=sys.executable, told=str(told), code=code)
        program.write_text(text)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return told

    return install


@pytest.fixture
def saved(tmp_path):
    folder = tmp_path / "Saved ü" / "Support answers"
    folder.mkdir(parents=True)
    (folder / "Support-answers-Q4_K_M.gguf").write_bytes(b"GGUF" * 1000)
    (folder / "Modelfile").write_text("FROM ./Support-answers-Q4_K_M.gguf\n")
    return folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Support answers train-001", "support-answers-train-001"),
        ("Release notes ü 漢字", "release-notes"),
        ("漢字", "my-model"),
        ("../..", "my-model"),
        ("x" * 200, "x" * 60),
    ],
)
def test_names_are_those_that_ollama_takes(name, expected):
    assert model_name(name) == expected


def test_ollama_makes_the_model_from_the_saved_folder(ollama, saved):
    assert not has_ollama()
    told = ollama(0)
    assert has_ollama()
    assert create_in_ollama(saved, "Support answers") == "support-answers"
    asked = json.loads(told.read_text())
    assert asked == [str(saved), "create", "support-answers", "-f", "Modelfile"]


def test_a_refusal_keeps_its_words(ollama, saved):
    ollama(1)
    with pytest.raises(UserFacingError) as refused:
        create_in_ollama(saved, "Support answers")
    assert refused.value.code == "export.ollama"
    assert "could not connect" in refused.value.details


def test_ollama_that_is_gone_is_told(saved, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserFacingError) as refused:
        create_in_ollama(saved, "Support answers")
    assert refused.value.code == "export.ollama"


def test_lm_studio_finds_the_file_where_it_looks(saved, monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert lm_studio_folder() is None
    with pytest.raises(UserFacingError) as refused:
        copy_to_lm_studio(saved, "Support answers")
    assert refused.value.code == "export.lm_studio"
    models = tmp_path / ".lmstudio" / "models"
    models.mkdir(parents=True)
    copy = copy_to_lm_studio(saved, "Support answers")
    assert copy == models / "homelab-tuner" / "support-answers" / "Support-answers-Q4_K_M.gguf"
    assert copy.read_bytes() == next(saved.glob("*.gguf")).read_bytes()
    again = copy_to_lm_studio(saved, "Support answers")
    assert again.parent.name == "support-answers-2"
    assert not list(models.rglob("*.part"))


def test_a_disk_that_refuses_is_told(saved, monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / ".lmstudio" / "models").mkdir(parents=True)

    def full(*_paths):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(installed.shutil, "copyfile", full)
    with pytest.raises(UserFacingError) as refused:
        copy_to_lm_studio(saved, "Support answers")
    assert refused.value.code == "disk.full"
