from pathlib import Path

import pytest

from core.export.saves.endings import ending, usual_place
from core.export.saves.forms import Choice

BASE = Path("/models/Base")
GGUF = Choice("gguf", "Q4_K_M")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "My answers"
    made.mkdir()
    (made / "mine-Q4_K_M.gguf").touch()
    return made


def test_ollama_gets_three_lines(folder):
    found = ending("ollama", GGUF, folder, BASE)
    assert found.lines.splitlines() == [
        f'cd "{folder}"',
        "ollama create my-answers -f Modelfile",
        "ollama run my-answers",
    ]
    assert "starts a conversation" in found.text


def test_the_file_for_lm_studio_and_llama_cpp_is_named(folder):
    assert str(folder / "mine-Q4_K_M.gguf") in ending("lm_studio", GGUF, folder, BASE).lines
    there = ending("machine", GGUF, folder, BASE).lines
    assert there == 'llama-server --jinja -m "My answers/mine-Q4_K_M.gguf"'


def test_an_adapter_as_gguf_needs_its_base(folder):
    found = ending("machine", Choice("gguf", "LoRA"), folder, BASE)
    assert found.lines.startswith('llama-server --jinja -m "Base.gguf" --lora "My answers/')
    assert "base model must be a GGUF file" in found.text


def test_python_loads_it_here_and_elsewhere(tmp_path):
    here = ending("python", Choice("adapter"), tmp_path, BASE).lines
    assert str(BASE) in here
    assert str(tmp_path) in here
    compile(here, "lines", "exec")
    compile(ending("python", Choice("merged"), tmp_path, BASE).lines, "lines", "exec")
    there = ending("machine", Choice("adapter"), tmp_path, BASE)
    assert 'r"Base"' in there.lines
    assert "base model too" in there.text
    assert ending("machine", Choice("merged"), tmp_path, BASE).lines.startswith("vllm serve")


def test_every_form_has_a_usual_place():
    assert [usual_place(form) for form in ("adapter", "merged", "gguf", "later")] == [
        "python", "python", "ollama", "python"
    ]  # fmt: skip
