"""Fixtures with real models: the sample model, and a tiny random Llama with the real tokenizer.

The sample model is made once and kept in ``build/``, which git ignores.
"""

import json
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from core.models import sample
from core.storage.transaction import MANIFEST

TEST_HOME = Path(__file__).resolve().parents[1] / "build" / "test-home"
_KEPT = TEST_HOME / "models"
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def kept_sample_model() -> Path:
    """Make the sample model in ``build/`` once; return its folder."""
    folder = _KEPT / sample.MODEL_NAME
    _KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(_KEPT / "making.lock"):  # the suite runs in several processes
        if not (folder / MANIFEST).is_file():
            sample.build(sample.packaged_gguf(), folder, lambda _phase, _done, _total: None)
    return folder


def make_tiny_model(folder: Path, sample_folder: Path) -> Path:
    """Write a two-layer random Llama (64 wide) with the sample model's tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    values = {
        **sample.CONFIG,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
    }
    torch.manual_seed(7)
    model = LlamaForCausalLM(LlamaConfig(**values)).to(torch.bfloat16)
    model.save_pretrained(folder)
    for name in _TOKENIZER_FILES:
        shutil.copyfile(sample_folder / name, folder / name)
    return folder


def write_numbers(path: Path, count: int) -> Path:
    """Write a small dataset: questions about numbers with a fixed form of answer."""
    lines = [
        json.dumps({"prompt": f"What comes after {n}?", "completion": f"`{n}`: It is {n + 1}."})
        for n in range(0, 5 * count, 5)
    ]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="session")
def sample_model() -> Path:
    """The folder of SmolLM2-135M-Instruct, converted from the packaged file."""
    return kept_sample_model()


@pytest.fixture(scope="session")
def tiny_model(sample_model, tmp_path_factory) -> Path:
    """A folder with a two-layer random Llama and the real tokenizer."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny-llama", sample_model)


@pytest.fixture(scope="session")
def tokenizer(sample_model):
    """The sample model's tokenizer."""
    from core.models.loading import load_tokenizer

    return load_tokenizer(sample_model)


@pytest.fixture(scope="session")
def walked(tiny_model, tmp_path_factory):
    """A project that went the whole way through real jobs: train, evaluate, export. Only read it.

    Attributes of the result: ``project``, ``base``, ``facts``, ``scores``, ``exported``.
    """
    from types import SimpleNamespace

    from core.actions.examples import prepare
    from core.actions.plans import choose, look
    from core.actions.results import evaluate, export
    from core.actions.training import train
    from core.commands.terminal import run_job
    from core.project import Project

    root = tmp_path_factory.mktemp("walked") / "Projekt ü 漢字 🙂"
    project = Project.create(root)
    project.update_info(answer_format=r"`\d+`: .*")
    source = write_numbers(tmp_path_factory.mktemp("files") / "numbers.jsonl", 300)
    report = prepare(project, [source], run_job=run_job)
    values = {"max_steps": 6, "effective_batch": 8, "rank": 4, "learning_rate": 5e-3}
    here = look(project, tiny_model)
    facts = train(here, choose(here, values=values).config, run_job=run_job)
    scores = evaluate(project, questions=4, run_job=run_job)
    exported = export(project, "", root / "exports" / "adapter", run_job=run_job)
    return SimpleNamespace(
        project=project,
        base=tiny_model,
        report=report,
        facts=facts,
        scores=scores,
        exported=exported,
    )


@pytest.fixture
def own_copy(walked, tmp_path):
    """A copy of the walked project that a test may change."""
    from core.project import Project

    shutil.copytree(walked.project.root, tmp_path / "copy ü")
    return Project.open(tmp_path / "copy ü")
