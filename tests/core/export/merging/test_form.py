"""A merged model holds the adapter, nothing else is changed, and the nearer one is kept."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.chat.cuts import Answer
from core.chat.template import end_processes
from core.errors import UserFacingError
from core.export.likeness import make_reference
from core.export.merging.form import require_alike, run_merged_proof
from core.export.merging.merge import four_bits_of, updates_of
from core.export.proof import Probe, ask_all, make_probe
from core.export.spec import LikenessResult, MergedProofParams
from core.jobs.likeness import Likeness, Verdict
from core.jobs.link import JobLink
from core.models.inspection import inspect_model
from core.project import RunFolder
from core.storage.files import read_json
from core.storage.transaction import verify_folder
from core.training.result import best_adapter


@pytest.fixture(autouse=True)
def templates_end():
    yield
    end_processes()


def ignore(_done: int, _total: int) -> None:
    pass


@pytest.fixture(scope="module")
def merged(walked, tmp_path_factory):
    from core.actions.results import export
    from core.commands.terminal import run_job

    target = tmp_path_factory.mktemp("merged") / "model ü"
    return export(walked.project, "", target, "merged", run_job=run_job)


def test_the_folder_is_a_whole_model_without_an_adapter(merged):
    folder = Path(merged.folder)
    verify_folder(folder)
    names = {path.name for path in folder.iterdir()}
    assert names >= {"model.safetensors", "config.json", "tokenizer.json", "generation_config.json"}
    assert names >= {"chat_template.jinja", "card.json", "proof.json", "README.md"}
    assert not {"adapter_config.json", "original", "unpacked"} & names
    assert inspect_model(folder).quantisation == ""


def test_both_ways_are_measured_and_the_nearer_one_is_kept(merged):
    assert merged.candidates.keys() == {"original", "unpacked"}
    nearest = min(merged.candidates, key=lambda way: merged.candidates[way].divergence)
    assert merged.onto == nearest == "unpacked"
    assert merged.likeness == merged.candidates[nearest]
    assert merged.likeness.verdict is Verdict.SAME
    assert read_json(Path(merged.folder) / "proof.json")["onto"] == "unpacked"
    answers = read_json(Path(merged.folder) / "proof.json")["answers"]
    assert [one.model_dump() for one in merged.answers] == answers
    assert len(answers) == 10
    text = (Path(merged.folder) / "README.md").read_text()
    assert "unpacked 4-bit weights" in text


def test_what_the_adapter_does_not_touch_is_the_same_to_the_bit(walked, merged, adapter):
    before = load_file(walked.base / "model.safetensors")
    after = load_file(Path(merged.folder) / "model.safetensors")
    touched = {f"{name}.weight" for name in updates_of(adapter)}
    assert before.keys() == after.keys() >= touched
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == before.keys() - touched
    assert {tensor.dtype for tensor in after.values()} == {torch.bfloat16}


def likeness(export, tuned, tmp_path, onto="unpacked") -> LikenessResult:
    """Measure a merged folder without a process of its own."""
    folder = RunFolder(tmp_path / "proof")
    folder.root.mkdir(exist_ok=True)
    make_reference(tuned).write(folder.root)
    probe = ask_all(tuned, make_probe(tuned, [2]))
    params = MergedProofParams(
        export=str(export),
        base_model=tuned.facts.base_model,
        adapter=str(best_adapter(tuned.run)),
        onto=onto,
        chats=probe.chats,
        prompts=probe.prompts,
        ids=probe.ids,
        ends=[2],
        limits=probe.limits,
    )
    with JobLink(folder) as link:
        found = run_merged_proof(folder, params, link)
    require_alike(found, probe)
    return found


def test_a_sound_export_passes(sound, tuned, tmp_path):
    found = likeness(sound, tuned, tmp_path)
    assert found.likeness.verdict is Verdict.SAME
    assert len(found.answers) == 10
    assert found.answers[0] == (found.answer, found.ended)
    assert found.speed > 0


def change(export: Path, name: str, do) -> None:
    weights = load_file(export / "model.safetensors")
    weights[name] = do(weights[name]).contiguous()
    save_file(weights, export / "model.safetensors", {"format": "pt"})


def shuffled(export: Path) -> None:
    order = torch.randperm(128, generator=torch.Generator().manual_seed(1))
    change(export, "model.layers.1.mlp.up_proj.weight", lambda w: w[order])


def shuffled_where_the_adapter_is_not(export: Path) -> None:
    change(export, "model.embed_tokens.weight", lambda w: w.roll(1, 0))


def without_the_adapter_in_one_layer(export: Path) -> None:
    before = load_file(export.parent / "base.safetensors")
    name = "model.layers.0.self_attn.v_proj.weight"
    change(export, name, lambda _w: four_bits_of(before[name], "cpu"))


def merged_twice(export: Path) -> None:
    before = load_file(export.parent / "base.safetensors")
    name = "model.layers.0.self_attn.v_proj.weight"
    change(export, name, lambda w: 2 * w - four_bits_of(before[name], "cpu"))


def short_of_one(export: Path) -> None:
    weights = load_file(export / "model.safetensors")
    weights["model.norm.weight"] = weights["model.norm.weight"].float()
    save_file(weights, export / "model.safetensors", {"format": "pt"})


def other_template(export: Path) -> None:
    path = export / "chat_template.jinja"
    path.write_text(path.read_text().replace("assistant", "helper"))


DAMAGES = [
    shuffled,
    shuffled_where_the_adapter_is_not,
    without_the_adapter_in_one_layer,
    merged_twice,
    short_of_one,
    other_template,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_export_is_refused(walked, sound, tuned, tmp_path, damage):
    (tmp_path / "base.safetensors").write_bytes((walked.base / "model.safetensors").read_bytes())
    damage(sound)
    with pytest.raises(UserFacingError) as refusal:
        likeness(sound, tuned, tmp_path)
    assert refusal.value.code == "export.proof_failed"


def test_an_answer_that_does_not_end_is_refused(tuned):
    probe = make_probe(tuned, [2])
    alike = Likeness(tokens=1, loss=1.0, wanted=1.0, divergence=0.0)
    runs_on = LikenessResult(likeness=alike, answer="x", ended=False)
    if not probe.ended:
        from dataclasses import replace

        probe = replace(probe, ended=True)
    with pytest.raises(UserFacingError):
        require_alike(runs_on, probe)
    require_alike(runs_on.model_copy(update={"ended": True}), probe)


def test_one_short_answer_may_run_on_but_not_more():
    probe = Probe([], [], [], None, "a", True, (Answer("a"),) * 4 + (Answer("b", cut=True),))
    alike = Likeness(tokens=1, loss=1.0, wanted=1.0, divergence=0.0)
    ends = [True, True, True, False, False]
    found = LikenessResult(
        likeness=alike, answer="a", ended=True, answers=[("c", end) for end in ends]
    )
    require_alike(found, probe)
    ends[1] = False
    with pytest.raises(UserFacingError):
        require_alike(found.model_copy(update={"answers": [("c", end) for end in ends]}), probe)
