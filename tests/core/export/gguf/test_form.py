"""The whole way: the fine-tune becomes one file, and nothing of what it was made from is left."""

from pathlib import Path

import pytest

from core.actions.results import export
from core.commands.terminal import run_job
from core.errors import UserFacingError
from core.export.saves.forms import check_form
from core.storage.transaction import verify_folder


def test_the_folder_holds_one_file_and_its_papers(walked, tmp_path):
    done = export(walked.project, "", tmp_path / "saved", "gguf", "Q8_0", run_job=run_job)
    folder = Path(done.folder)
    verify_folder(folder)
    (file,) = folder.glob("*.gguf")
    assert file.name.endswith("-Q8_0.gguf")
    assert f"FROM ./{file.name}" in (folder / "Modelfile").read_text()
    assert not (folder / "merged").exists()
    assert done.quant == "Q8_0"
    assert done.likeness.verdict == "same"
    assert "ollama create" in (folder / "README.md").read_text()


def test_an_unknown_packing_is_said():
    with pytest.raises(UserFacingError) as refusal:
        check_form("gguf", "Q1_X")
    assert refusal.value.code == "export.unknown_form"
