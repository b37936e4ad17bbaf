"""The campaign in short: the installed libraries, in a process without this project."""

import sys
from pathlib import Path

import pytest

from core.storage.files import read_json
from tests.campaigns.export_elsewhere import dressed, faults, tried
from tests.core.models.odd_bases import ODD_BASES


def test_a_stranger_reads_and_renders_the_same(walked):
    export = Path(walked.exported.folder)
    found = tried(walked.base, export, sys.executable)
    assert set(faults(found)) <= {"ended"}  # random weights may never find the end
    proof = read_json(export / "proof.json")
    assert found["answer"].startswith(proof["answer"])
    if proof["ended_by_itself"]:
        assert found["ended"]


def test_what_is_wrong_is_named():
    found = {"same_text": True, "same_ids": False, "ended": False}
    assert faults(found) == ["same_ids", "ended"]


def test_an_export_that_cannot_be_loaded_is_an_error(walked, tmp_path):
    with pytest.raises(RuntimeError):
        tried(walked.base, tmp_path, sys.executable)


@pytest.mark.parametrize("name", ODD_BASES)
def test_every_dress_fits(tiny_model, tmp_path, name):
    base = dressed(tiny_model, tmp_path / "base", ODD_BASES[name])
    assert (base / "model.safetensors").is_file()
