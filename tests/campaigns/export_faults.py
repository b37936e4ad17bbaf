"""Campaign: exports are damaged in many ways; each must be noticed, and no sound one refused.

    python -m tests.campaigns.export_faults --faults 200 --sound 50 [--seed N]

A tiny model is trained, merged and written as GGUF by the real code. Each case copies one of them,
damages one thing, and lets the export's own proof load it: transformers for a merged model, and
llama.cpp, in a process of its own, for a GGUF file. The last line is ``faults N, noticed M; sound
N, refused M``.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from core.actions.examples import prepare
from core.actions.plans import choose, look
from core.actions.training import train
from core.chat.template import end_processes
from core.commands.terminal import run_job
from core.errors import UserFacingError
from core.evaluation.job import Tuned, load_tuned
from core.export.children import result_of
from core.export.gguf.proof import run_gguf
from core.export.gguf.spec import GgufParams, GgufProofParams
from core.export.likeness import Reference, make_reference
from core.export.merge import Merge
from core.export.merged import require_alike, run_merged_proof
from core.export.proof import Probe, ask_all, make_probe
from core.export.spec import LikenessResult, MergedProofParams
from core.export.tokenizer import write_generation, write_tokenizer
from core.jobs.link import JobLink
from core.project import Project, RunFolder
from core.storage.files import read_json, write_json
from core.training.result import best_adapter
from tests.models import kept_sample_model, make_tiny_model, write_numbers

QUANTS = ("F16", "Q8_0", "Q4_K_M")
_ENDS = [2]
_PLACES = 6  # llama.cpp is asked token by token

Damage = Callable[[Path, random.Random], None]


@dataclass
class Exports:
    """What is damaged, and what it is compared with."""

    root: Path
    base: Path
    adapter: Path
    tuned: Tuned
    merged: Path
    files: dict[str, Path]
    probe: Probe
    reference: Reference


def make_exports(root: Path) -> Exports:
    """Train a tiny model for a few steps and export it."""
    base = make_tiny_model(root / "base", kept_sample_model())
    project = Project.create(root / "project")
    prepare(project, [write_numbers(root / "numbers.jsonl", 300)], run_job=run_job)
    here = look(project, base)
    values = {"max_steps": 6, "effective_batch": 8, "rank": 4, "learning_rate": 5e-3}
    train(here, choose(here, values=values).config, run_job=run_job)
    run = project.run("train-001")
    tuned, adapter, merged = load_tuned(project, run), best_adapter(run), root / "merged"
    merged.mkdir()
    Merge(base, adapter, "unpacked", "cpu").write(merged, lambda _done, _total: None)
    write_tokenizer(base, tuned.tokenizer, merged)
    write_generation(merged, _ENDS, tuned.tokenizer)
    files = {quant: root / f"model-{quant}.gguf" for quant in QUANTS}
    job = RunFolder(root / "job")
    job.root.mkdir()
    with JobLink(job) as link:
        for quant, file in files.items():
            asked = GgufParams(merged=str(merged), file=str(file), quant=quant, name="Tiny")
            run_gguf(job, asked, link)
    whole = make_reference(tuned)
    places = whole.places[0][:_PLACES]
    reference = Reference(whole.ids[:1], [places], whole.logs[: len(places)])
    probe = ask_all(tuned, make_probe(tuned, _ENDS))
    return Exports(root, base, adapter, tuned, merged, files, probe, reference)


def refusal_of_merged(exports: Exports, folder: Path) -> str:
    """Return why the proof refuses a merged model, ``""`` where it does not."""
    child = RunFolder(folder.with_name(f"{folder.name}-proof"))
    child.root.mkdir()
    exports.reference.write(child.root)
    probe = exports.probe
    params = MergedProofParams(
        export=str(folder), base_model=str(exports.base), adapter=str(exports.adapter),
        onto="unpacked", chats=probe.chats, prompts=probe.prompts, ids=probe.ids, ends=_ENDS,
        limits=probe.limits,
    )  # fmt: skip
    with JobLink(child) as link:
        return _refused(lambda: run_merged_proof(child, params, link), probe)


def refusal_of_gguf(exports: Exports, file: Path, quant: str) -> str:
    """Return why the proof refuses a GGUF file, ``""`` where it does not."""
    parent = RunFolder(file.with_name(f"{file.stem}-job"))
    child = RunFolder(parent.root / "proof")
    child.root.mkdir(parents=True)
    exports.reference.write(child.root)
    probe = exports.probe
    params = GgufProofParams(
        merged=str(exports.merged), file=str(file), quant=quant, chats=probe.chats,
        prompts=probe.prompts, ids=probe.ids, ends=_ENDS, limits=probe.limits,
    )  # fmt: skip

    def prove() -> LikenessResult:
        with JobLink(parent) as link:
            found = result_of(child, params, link)
        return LikenessResult.model_validate(found.model_dump())

    return _refused(prove, probe)


def _refused(prove: Callable[[], LikenessResult], probe: Probe) -> str:
    try:
        require_alike(prove(), probe)
    except UserFacingError as error:
        return f"{error.code}: {error.details.strip()[-160:]}"
    except Exception:  # in the job this is a refusal too, but one without good words
        return traceback.format_exc().strip().rpartition("\n")[2]
    return ""


def _tensors(change: Callable[[dict[str, np.ndarray], random.Random], None]) -> Damage:
    def damage(folder: Path, dice: random.Random) -> None:
        from safetensors.torch import load_file, save_file

        file = folder / "model.safetensors"
        weights = load_file(file)
        arrays = {name: tensor.float().numpy() for name, tensor in weights.items()}
        change(arrays, dice)
        import torch

        changed = {
            name: torch.from_numpy(np.ascontiguousarray(array)).to(weights[name].dtype)
            for name, array in arrays.items()
        }
        save_file(changed, file, {"format": "pt"})

    return damage


def _some(weights: dict[str, np.ndarray], dice: random.Random) -> str:
    return dice.choice(sorted(name for name, array in weights.items() if array.ndim > 1))


def _roll(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    name = _some(weights, dice)
    weights[name] = np.roll(weights[name], 1, axis=dice.randrange(2))


def _scale(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    weights[_some(weights, dice)] *= dice.choice([0.5, 1.25, -1.0, 0.0])


def _swap(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    part = dice.choice(["self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj", "mlp.down_proj"])
    one, other = (f"model.layers.{i}.{part}.weight" for i in (0, 1))
    weights[one], weights[other] = weights[other], weights[one]


def _norms(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    weights[dice.choice(sorted(n for n, a in weights.items() if a.ndim == 1))] *= 1.5


def _config(folder: Path, dice: random.Random) -> None:
    config = read_json(folder / "config.json")
    name, value = dice.choice(
        [("rms_norm_eps", 0.1), ("attention_bias", True), ("tie_word_embeddings", False)]
    )
    if name not in config:
        name, value = "rms_norm_eps", 0.1
    write_json(folder / "config.json", config | {name: value})


def _ends(folder: Path, dice: random.Random) -> None:
    settings = read_json(folder / "generation_config.json")
    settings["eos_token_id"] = dice.choice([17, [17], [2, 17], []])
    write_json(folder / "generation_config.json", settings)


def _template(folder: Path, dice: random.Random) -> None:
    path = folder / "chat_template.jinja"
    if not path.is_file():
        path = folder / "tokenizer_config.json"
    text = path.read_text("utf-8")
    mark = dice.choice([m for m in ("<|im_start|>", "<|im_end|>", "assistant") if m in text])
    path.write_text(text.replace(mark, mark.replace("<|", "<!").upper() + "x"), "utf-8")


def _cut(folder: Path, dice: random.Random) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[: -dice.randrange(8, 4096)])


def _nothing(_folder: Path, _dice: random.Random) -> None:
    """The base's weights are copied by who knows where they are."""


MERGED: dict[str, Damage] = {
    "a tensor rolled": _tensors(_roll),
    "a tensor scaled": _tensors(_scale),
    "layers swapped": _tensors(_swap),
    "a norm changed": _tensors(_norms),
    "a setting changed": _config,
    "another end": _ends,
    "another template": _template,
    "cut off": _cut,
    "the base alone": _nothing,
}


def _in_gguf(change: Callable[[gguf.GGUFReader, random.Random], None]) -> Damage:
    def damage(file: Path, dice: random.Random) -> None:
        reader = gguf.GGUFReader(file, "r+")
        change(reader, dice)
        reader.data.flush()

    return damage


def _gguf_tensor(reader: gguf.GGUFReader, dice: random.Random) -> None:
    tensor = dice.choice([t for t in reader.tensors if len(t.shape) > 1])
    rows = np.array(tensor.data)
    way = dice.randrange(3)
    tensor.data[:] = np.roll(rows, 1, axis=0) if way == 0 else rows[::-1] if way == 1 else 0


def _gguf_number(name: str, values: tuple[float, ...]) -> Damage:
    def change(reader: gguf.GGUFReader, dice: random.Random) -> None:
        field = reader.get_field(name)
        assert field is not None, name
        field.parts[field.data[0]][:] = dice.choice(values)

    return _in_gguf(change)


def _gguf_template(file: Path, dice: random.Random) -> None:
    content = file.read_bytes()
    start = content.index(b"{%")
    marks = [
        m for m in (b"im_start|>' +", b"<|im_end|>", b"assistant") if content.find(m, start) > 0
    ]
    mark = dice.choice(marks)
    at = content.index(mark, start)
    file.write_bytes(content[:at] + bytes(reversed(mark)) + content[at + len(mark) :])


def _gguf_cut(file: Path, dice: random.Random) -> None:
    file.write_bytes(file.read_bytes()[: -dice.randrange(4096, 200_000)])


GGUF: dict[str, Damage] = {
    "a tensor changed": _in_gguf(_gguf_tensor),
    "another end": _gguf_number("tokenizer.ggml.eos_token_id", (17, 0)),
    "another template": _gguf_template,
    "other rotations": _gguf_number("llama.rope.freq_base", (1e4, 5e5)),
    "another epsilon": _gguf_number("llama.attention.layer_norm_rms_epsilon", (0.1, 1e-2)),
    "cut off": _gguf_cut,
}


def one_case(exports: Exports, number: int, dice: random.Random, *, sound: bool) -> tuple[str, str]:
    """Return the kind of case and why the export was refused."""
    place = exports.root / "cases" / str(number)
    place.mkdir(parents=True)
    try:
        if number % 3:
            return _merged_case(exports, place / "merged", dice, sound=sound)
        return _gguf_case(exports, place / "model.gguf", dice, sound=sound)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _merged_case(
    exports: Exports, folder: Path, dice: random.Random, *, sound: bool
) -> tuple[str, str]:
    shutil.copytree(exports.merged, folder)
    kind = "sound" if sound else dice.choice(list(MERGED))
    if kind == "the base alone":
        shutil.copyfile(exports.base / "model.safetensors", folder / "model.safetensors")
    elif not sound:
        MERGED[kind](folder, dice)
    return f"merged: {kind}", refusal_of_merged(exports, folder)


def _gguf_case(
    exports: Exports, file: Path, dice: random.Random, *, sound: bool
) -> tuple[str, str]:
    quant = dice.choice(QUANTS)
    shutil.copyfile(exports.files[quant], file)
    kind = "sound" if sound else dice.choice(list(GGUF))
    if not sound:
        GGUF[kind](file, dice)
    return f"GGUF {quant}: {kind}", refusal_of_gguf(exports, file, quant)


def run(root: Path, faults: int, sound: int, seed: int) -> tuple[list[str], list[str]]:
    """Return the faults that were not noticed and the sound exports that were refused."""
    exports, dice = make_exports(root), random.Random(seed)
    missed, refused = [], []
    kinds: Counter[str] = Counter()
    for number in range(faults + sound):
        is_sound = number >= faults
        kind, why = one_case(exports, number, dice, sound=is_sound)
        kinds[kind] += 1
        if is_sound == bool(why):
            (refused if is_sound else missed).append(f"{number} {kind} {why}")
            sys.stdout.write(f"{number} {kind}: {why or 'not noticed'}\n")
    for kind, count in sorted(kinds.items()):
        sys.stdout.write(f"{count:4} {kind}\n")
    end_processes()
    return missed, refused


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--sound", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="export-faults-") as folder:
        missed, refused = run(Path(folder), options.faults, options.sound, options.seed)
    sys.stdout.write(
        f"faults {options.faults}, noticed {options.faults - len(missed)}; "
        f"sound {options.sound}, refused {len(refused)}\n"
    )
    return bool(missed or refused)


if __name__ == "__main__":
    sys.exit(main())
