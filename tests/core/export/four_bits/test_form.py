"""A tiny fine-tune in 4 bits is what transformers loads, and damage is noticed."""

import pytest
import torch
from safetensors.torch import load_file

from core.errors import UserFacingError
from core.evaluation.tuned import load_tuned
from core.export.four_bits.form import _group_of, write_four_bits
from core.export.likeness import make_reference
from core.export.proof import Work, make_probe
from core.jobs.likeness import Verdict
from core.jobs.link import JobLink
from core.project import RunFolder
from core.storage.files import read_json
from core.training.targets import Decoder


@pytest.fixture(scope="module")
def made(walked, tmp_path_factory):
    tuned = load_tuned(walked.project, walked.project.run("train-001"))  # it is used up
    root = tmp_path_factory.mktemp("four bits")
    job, staging = RunFolder(root / "job"), root / "export"
    job.root.mkdir()
    staging.mkdir()
    with JobLink(job) as link:
        work = Work(job, tuned, [2], make_probe(tuned, [2]), link)
        return staging, write_four_bits(work, make_reference(tuned), staging)


def test_transformers_answers_with_it_like_the_fine_tune(made):
    _folder, found = made
    assert found.proof.likeness.tokens > 20
    assert found.proof.likeness.verdict is not Verdict.DIFFERENT
    assert not found.proof.text


def test_the_folder_is_what_vllm_reads(made):
    folder, _found = made
    config = read_json(folder / "config.json")["quantization_config"]
    assert config["quant_method"] == "compressed-tensors"
    weights = config["config_groups"]["group_0"]["weights"]
    assert (weights["num_bits"], weights["group_size"]) == (4, 64)
    assert "lm_head" in config["ignore"]
    places = read_json(folder / "model.safetensors.index.json")["weight_map"]
    assert set(places.values()) == {path.name for path in folder.glob("*.safetensors")}
    start = "model.layers.0.mlp.down_proj"
    stored = load_file(folder / places[f"{start}.weight_packed"])
    out, width = (int(side) for side in stored[f"{start}.weight_shape"])
    assert stored[f"{start}.weight_packed"].shape == (out, width // 8)
    assert stored[f"{start}.weight_scale"].shape == (out, width // 64)
    assert f"{start}.weight" not in places
    assert not (folder / "merged").exists()
    assert {"tokenizer.json", "generation_config.json"} <= {p.name for p in folder.iterdir()}


def test_models_whose_rows_no_group_fits_are_refused():
    layer = torch.nn.Linear(48, 8)
    decoder = Decoder("layers", {"layers.0.x": layer}, torch.nn.ModuleList([layer]))
    with pytest.raises(UserFacingError) as refused:
        _group_of(decoder)
    assert refused.value.code == "export.no_four_bits"
