"""llama.cpp, in a process of its own, answers with sound files; damaged ones are refused."""

import shutil

import gguf
import numpy as np
import pytest

from core.chat.template import end_processes
from core.errors import UserFacingError
from core.export.children import result_of
from core.export.gguf.proof import _compared, is_near, other_tensors
from core.export.merging.form import require_alike
from core.export.spec import LikenessResult
from core.jobs.likeness import Verdict
from core.jobs.link import JobLink
from core.project import RunFolder


@pytest.fixture(autouse=True)
def templates_end():
    yield
    end_processes()


def proved(saved, file, quant, tmp_path):
    parent, child = RunFolder(tmp_path / "export"), RunFolder(tmp_path / "export" / "proof")
    parent.root.mkdir(), child.root.mkdir()
    saved.reference.write(child.root)
    with JobLink(parent) as link:
        found = result_of(child, saved.params(file, quant), link)
    require_alike(LikenessResult.model_validate(found.model_dump()), saved.probe)
    return found


def test_a_sound_file_answers_like_the_fine_tune(saved, tmp_path):
    found = proved(saved, saved.files["Q8_0"], "Q8_0", tmp_path)
    assert found.likeness.verdict is Verdict.SAME
    assert found.text == ""
    assert found.speed > 0
    assert len(found.answers) == 10
    assert found.answers[0] == (found.answer, found.ended)
    assert abs(found.likeness.perplexity / found.likeness.wanted_perplexity - 1) < 0.01


def test_another_template_in_the_file_is_found(saved, tmp_path):
    file = shutil.copyfile(saved.files["Q8_0"], tmp_path / "x.gguf")
    content = file.read_bytes()
    assert content.count(b"'<|im_start|>assistant") == 1
    file.write_bytes(content.replace(b"'<|im_start|>assistant", b"'<|im_start|>helper!!!"))
    with pytest.raises(UserFacingError) as refusal:
        proved(saved, file, "Q8_0", tmp_path)
    assert refusal.value.code == "export.proof_failed"
    assert "helper!!!" in refusal.value.details


def test_what_is_no_gguf_file_is_not_said_to_be_saved(saved, tmp_path):
    file = tmp_path / "x.gguf"
    file.write_bytes(saved.files["Q8_0"].read_bytes()[:100_000])
    with pytest.raises(UserFacingError):
        proved(saved, file, "Q8_0", tmp_path)


def nothing() -> None:
    pass


@pytest.mark.parametrize("quant", ["F16", "Q8_0", "Q4_K_M"])
def test_sound_files_hold_the_right_tensors(saved, quant):
    assert other_tensors(saved.params(saved.files[quant], quant), nothing) == ""


@pytest.mark.parametrize("quant", ["F16", "Q8_0", "Q4_K_M"])
def test_one_shuffled_tensor_is_named(saved, tmp_path, quant):
    file = shutil.copyfile(saved.files[quant], tmp_path / "x.gguf")
    reader = gguf.GGUFReader(file, "r+")
    tensor = next(one for one in reader.tensors if one.name == "blk.1.ffn_up.weight")
    tensor.data[:] = np.roll(np.array(tensor.data), 1, axis=0)
    reader.data.flush()
    assert "blk.1.ffn_up.weight" in other_tensors(saved.params(file, quant), nothing)


def test_a_missing_stop_token_is_found(saved, tmp_path):
    file = shutil.copyfile(saved.files["Q8_0"], tmp_path / "x.gguf")
    reader = gguf.GGUFReader(file, "r+")
    field = reader.get_field("tokenizer.ggml.eos_token_id")
    field.parts[field.data[0]][:] = 17
    reader.data.flush()
    found = other_tensors(saved.params(file, "Q8_0"), nothing)
    assert "answers end at" in found


def test_a_file_of_another_merge_is_found(saved, walked, tmp_path):
    """The base alone, converted as it is."""
    from core.export.gguf.conversion import Source

    file = tmp_path / "base.gguf"
    Source(walked.base, "Q8_0", file, "x").write(lambda _done, _total: None)
    assert "is not what it should be" in other_tensors(saved.params(file, "Q8_0"), nothing)


def test_how_near_packed_values_are():
    values = np.linspace(-1, 1, 64, dtype=np.float32)
    assert is_near(values, values, 0.0)
    assert is_near(values, values * 1.01, 0.02)
    assert not is_near(values, values[::-1], 0.14)
    assert not is_near(values, values[:32], 1.0)


def test_the_divergence_lumps_what_is_not_named():
    before = np.log([0.5, 0.25, 0.125, 0.125]).tolist()
    named = {0: before[0], 1: before[1]}
    wanted, loss, divergence = _compared(before, named, 1)
    assert wanted == loss == pytest.approx(np.log(4))
    assert divergence == pytest.approx(0, abs=1e-9)
    assert _compared(before, {0: np.log(0.25), 1: np.log(0.5)}, 1)[2] > 0.1
