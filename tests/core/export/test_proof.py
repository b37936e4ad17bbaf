import shutil

import pytest

from core.errors import UserFacingError
from core.evaluation.job import best_adapter_folder, load_tuned
from core.export.proof import _demand_equal, last_logits, make_probe, prove, run_proof
from core.files import write_tensors
from core.jobs.link import JobLink
from core.project import RunFolder
from tests.core.training.conftest import TINY


def test_an_export_that_answers_otherwise_is_refused(walked, tmp_path):
    """A broken export: the adapter's weights are those of another moment of the run."""
    from safetensors.torch import load_file, save_file

    tuned = load_tuned(walked.project, walked.project.run("train-001"))
    probe = make_probe(tuned)
    broken = tmp_path / "export"
    shutil.copytree(best_adapter_folder(tuned.run), broken)
    tuned.tokenizer.save_pretrained(str(broken))
    weights = load_file(broken / "adapter_model.safetensors")
    save_file({k: v * 1.5 for k, v in weights.items()}, broken / "adapter_model.safetensors")
    with pytest.raises(UserFacingError) as refusal:
        prove(RunFolder(tmp_path), broken, tuned, probe)
    assert refusal.value.code == "export.proof_failed"


@pytest.mark.parametrize(
    ("difference", "answer", "device", "holds"),
    [
        (0.0, "a", "cpu", True),
        (1e-6, "a", "cpu", False),
        (0.0, "b", "cpu", False),
        (0.01, "b", "cuda:0", True),
        (0.5, "a", "cuda:0", False),
        (float("nan"), "a", "cpu", False),
    ],
)
def test_what_counts_as_the_same(difference, answer, device, holds):
    if holds:
        _demand_equal(difference, answer, "a", device)
        return
    with pytest.raises(UserFacingError):
        _demand_equal(difference, answer, "a", device)


def test_the_proof_compares_with_what_was_computed_before(tiny_model, tokenizer, tmp_path):
    import torch

    from core.models.loading import load_base
    from core.training.adapter import add_adapter, save_adapter

    folder, export = RunFolder(tmp_path / "proof"), tmp_path / "export"
    folder.root.mkdir()
    export.mkdir()
    model = add_adapter(load_base(tiny_model, "nf4", "cpu"), TINY)
    save_adapter(model, export)
    tokenizer.save_pretrained(str(export))
    model.eval()
    logits = last_logits(model, tokenizer, ["What comes after 7?"])
    params = {
        "export": str(export),
        "base_model": str(tiny_model),
        "quantisation": "nf4",
        "prompts": ["What comes after 7?"],
    }
    differences = []
    for moved in (0.0, 0.5):
        write_tensors(folder.root / "expected.safetensors", {"logits": logits + moved})
        with JobLink(folder) as link:
            differences.append(run_proof(folder, params, link)["largest_difference"])
    assert differences[1] >= 0.4 > differences[0]
    assert torch.isfinite(logits).all()
