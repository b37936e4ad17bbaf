import shutil

import pytest

from core.errors import UserFacingError
from core.evaluation.job import best_adapter_folder, load_tuned
from core.export.proof import _demand_equal, make_probe, prove
from core.project import RunFolder


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
