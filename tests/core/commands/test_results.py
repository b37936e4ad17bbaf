"""The commands about results as you type them."""

import json
import shutil

import pytest

from core.cli import main
from core.commands.results import export_lines
from core.jobs.likeness import Likeness
from core.jobs.spec import ExportResult
from tests.core.commands.typed import said


def test_a_second_command_on_the_same_project_is_refused(own_copy, capsys):
    lock = own_copy.lock()
    try:
        assert main(["evaluate", "--project", str(own_copy.root)]) == 1
    finally:
        lock.release()
    assert "another window" in said(capsys)


def test_an_export_is_never_overwritten(walked, capsys):
    arguments = ["--project", str(walked.project.root), "--to", walked.exported.folder]
    assert main(["export", *arguments]) == 1
    assert "nothing is ever overwritten" in said(capsys)


@pytest.mark.usefixtures("cold_children")
def test_a_merged_model_is_saved_with_its_figures(walked, tmp_path, capsys):
    arguments = ["--project", str(walked.project.root), "--to", str(tmp_path / "model")]
    assert main(["export", "--format", "merged", *arguments]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Merged into the original weights: perplexity" in told
    assert "Merged into the unpacked 4-bit weights: perplexity" in told
    assert "It answers like your fine-tune." in told
    assert "Whole model, 16 bits:" in told
    assert "Answers like your fine-tune: yes." in told


def test_what_was_saved_is_listed(own_copy, tmp_path, capsys):
    for saved in own_copy.runs("export"):  # made in another home
        shutil.rmtree(saved.root)
    assert main(["export", "--to", str(tmp_path / "out"), "--project", str(own_copy.root)]) == 0
    capsys.readouterr()
    assert main(["export", "--list", "--project", str(own_copy.root)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Adapter:" in told
    assert "distance none. Answers like your fine-tune: yes." in told
    assert "Folder: unchanged:" in told
    assert main(["export", "--list", "--project", str(own_copy.root), "--json"]) == 0
    *_newer, row = json.loads(capsys.readouterr().out)["saved"]
    assert (row["form"], row["state"], row["verdict"]) == ("adapter", "unchanged", "same")


def test_after_a_gguf_file_the_way_to_ollama_is_said():
    alike = Likeness(tokens=9, loss=1.0, wanted=1.0, divergence=0.0)
    lines = export_lines(ExportResult(folder="x", form="gguf", likeness=alike, speed=20.4))
    assert lines[-2] == "llama.cpp writes 20 tokens a second on this processor."
    assert lines[-1].endswith("ollama create my-model -f Modelfile")
