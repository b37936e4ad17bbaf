"""A fine-tune of a tiny model, its stored adapter, and a sound merge of it."""

from pathlib import Path

import pytest

from core.evaluation.tuned import load_tuned
from core.export.merging.merge import Merge
from core.export.tokenizer import write_generation, write_tokenizer
from core.training.result import best_adapter


@pytest.fixture(scope="session")
def adapter(walked) -> Path:
    return best_adapter(walked.project.run("train-001"))


@pytest.fixture(scope="session")
def tuned(walked):
    return load_tuned(walked.project, walked.project.run("train-001"))


@pytest.fixture
def sound(walked, tuned, adapter, tmp_path) -> Path:
    export = tmp_path / "export"
    export.mkdir()
    Merge(walked.base, adapter, "unpacked", "cpu").write(export, lambda _done, _total: None)
    write_tokenizer(walked.base, tuned.tokenizer, export)
    write_generation(export, [2], tuned.tokenizer)
    return export
