import json
import shutil

import pytest

from core.chat.template import end_processes
from core.errors import UserFacingError
from core.evaluation.tuned import load_tuned
from core.export.probing import ANSWER_TOKENS, PATIENCE, SHORT_TOKENS
from core.export.proof import (
    Probe,
    Work,
    _demand_equal,
    _ids,
    _other_text,
    _rendered,
    ask_all,
    last_logits,
    make_probe,
    prove,
    run_proof,
)
from core.export.tokenizer import write_generation, write_tokenizer
from core.generation.answers import stop_tokens
from core.jobs.link import JobLink
from core.jobs.spec import ProofParams, ProofResult
from core.project import RunFolder
from core.storage.files import read_json, write_tensors
from core.training.result import best_adapter
from tests.core.training.conftest import TINY


def test_an_export_that_answers_otherwise_is_refused(walked, tmp_path):
    """A broken export: the adapter's weights are those of another moment of the run."""
    from safetensors.torch import load_file, save_file

    tuned = load_tuned(walked.project, walked.project.run("train-001"))
    ends = stop_tokens(tuned.model, tuned.tokenizer)
    probe = make_probe(tuned, ends)
    folder = RunFolder(tmp_path / "export-001")
    folder.root.mkdir()
    broken = tmp_path / "export"
    shutil.copytree(best_adapter(tuned.run), broken)
    write_tokenizer(walked.base, tuned.tokenizer, broken)
    write_generation(broken, ends, tuned.tokenizer)
    weights = load_file(broken / "adapter_model.safetensors")
    save_file({k: v * 1.5 for k, v in weights.items()}, broken / "adapter_model.safetensors")
    with JobLink(folder) as link, pytest.raises(UserFacingError) as refusal:
        prove(Work(folder, tuned, ends, probe, link), broken)
    assert refusal.value.code == "export.proof_failed"


@pytest.mark.parametrize(
    ("difference", "answer", "text", "device", "holds"),
    [
        (0.0, "a", "", "cpu", True),
        (1e-6, "a", "", "cpu", False),
        (0.0, "b", "", "cpu", False),
        (0.0, "a", "the tokenizer gives …", "cpu", False),
        (0.01, "b", "", "cuda:0", True),
        (0.01, "b", "the chat template gives …", "cuda:0", False),
        (0.5, "a", "", "cuda:0", False),
        (float("nan"), "a", "", "cpu", False),
    ],
)
def test_what_counts_as_the_same(difference, answer, text, device, holds):
    probe = Probe([], [], [], None, "a", True)
    found = ProofResult(largest_difference=difference, answer=answer, ended=True, text=text)
    if holds:
        _demand_equal(found, probe, device)
        return
    with pytest.raises(UserFacingError):
        _demand_equal(found, probe, device)


def test_the_proof_compares_with_what_was_computed_before(tiny_model, tokenizer, tmp_path):
    import torch

    from core.models.loading import load_base
    from core.training.adapter import add_adapter, save_adapter

    folder, export = RunFolder(tmp_path / "proof"), tmp_path / "export"
    folder.root.mkdir()
    export.mkdir()
    model = add_adapter(load_base(tiny_model, "nf4", "cpu"), TINY)
    save_adapter(model, export)
    write_tokenizer(tiny_model, tokenizer, export)
    write_generation(export, [2], tokenizer)
    model.eval()
    chats = [[{"role": "user", "content": "What comes after 7?"}]]
    prompts = _rendered(tokenizer, chats)
    logits = last_logits(model, tokenizer, prompts)
    params = ProofParams(
        export=str(export),
        base_model=str(tiny_model),
        quantisation="nf4",
        prompts=prompts,
        chats=chats,
        ids=_ids(tokenizer, prompts),
    )
    differences = []
    for moved in (0.0, 0.5):
        write_tensors(folder.root / "expected.safetensors", {"logits": logits + moved})
        with JobLink(folder) as link:
            differences.append(run_proof(folder, params, link).largest_difference)
    assert differences[1] >= 0.4 > differences[0]
    assert torch.isfinite(logits).all()


def test_ten_questions_are_answered_and_paired(tuned):
    probe = ask_all(tuned, make_probe(tuned, [2]))
    assert len(probe.answers) == len(probe.limits) == len(probe.chats) == 10
    assert probe.answers[0].text == probe.answer
    for answer, room in zip(probe.answers[1:], probe.limits[1:], strict=True):
        assert room == (SHORT_TOKENS if answer.cut else PATIENCE * ANSWER_TOKENS)
    first, second = probe.answered([(probe.answer, True), ("other words", False)])
    assert first.question == probe.chats[0][-1]["content"]
    assert first.same
    assert (second.answer, second.ended, second.same) == ("other words", False, False)


def test_an_answer_that_runs_on_elsewhere_is_not_the_same():
    probe = Probe([], [], [], None, "a", True)
    found = ProofResult(largest_difference=0.0, answer="a", ended=False)
    with pytest.raises(UserFacingError):
        _demand_equal(found, probe, "cpu")


def test_another_template_or_tokenizer_is_said(walked, tmp_path):
    from transformers import AutoTokenizer

    export = shutil.copytree(walked.exported.folder, tmp_path / "export")
    known = {"export": str(export), "base_model": "x", "quantisation": "nf4"}
    params = ProofParams.model_validate({**read_json(export / "proof.json"), **known})
    assert _other_text(AutoTokenizer.from_pretrained(str(export)), params) == ""
    template = (export / "chat_template.jinja").read_text()
    (export / "chat_template.jinja").write_text(template.replace("<|im_start|>", "<|im_start|> "))
    assert "the chat template gives" in _other_text(AutoTokenizer.from_pretrained(export), params)
    (export / "chat_template.jinja").write_text(template)
    tokens = json.loads((export / "tokenizer.json").read_text())
    tokens["pre_tokenizer"] = None
    (export / "tokenizer.json").write_text(json.dumps(tokens))
    assert "the tokenizer gives" in _other_text(AutoTokenizer.from_pretrained(export), params)
    end_processes()
