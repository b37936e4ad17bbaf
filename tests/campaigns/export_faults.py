"""Campaign: exports are damaged in many ways; each must be noticed, and no sound one refused.

    python -m tests.campaigns.export_faults --faults 200 --sound 50 [--seed N]

A tiny model is trained and saved in every form by the real code: merged, in 4 bits, as GGUF, and
its adapter as GGUF. Each case copies one of them, damages one thing, and lets the export's own
proof load it: transformers for the folders, and llama.cpp, in a process of its own, for GGUF. The
last line is ``faults N, noticed M; sound N, refused M``.
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
from functools import partial
from pathlib import Path
from typing import Any

from core.actions.examples import prepare
from core.actions.plans import choose, look
from core.actions.training import train
from core.chat.template import end_processes
from core.commands.terminal import run_job
from core.errors import UserFacingError
from core.evaluation.tuned import Tuned, load_tuned
from core.export.children import result_of
from core.export.four_bits.form import write_four_bits
from core.export.four_bits.proof import run_four_bits_proof
from core.export.four_bits.spec import FourBitsProofParams
from core.export.gguf.proof import run_gguf
from core.export.gguf.spec import GgufParams, GgufProofParams
from core.export.likeness import Reference, make_reference
from core.export.merging.form import require_alike, run_merged_proof
from core.export.merging.merge import Merge
from core.export.proof import Probe, Work, ask_all, make_probe
from core.export.spec import LikenessResult, MergedProofParams
from core.export.tokenizer import write_generation, write_tokenizer
from core.jobs.link import JobLink
from core.project import Project, RunFolder
from core.training.result import best_adapter
from tests.campaigns.export_damage import FOUR_BITS, GGUF, LORA, MERGED, Damage, base_alone
from tests.models import kept_sample_model, make_tiny_model, write_numbers

QUANTS = ("F16", "Q8_0", "Q4_K_M")
_ENDS = [2]
_PLACES = 6  # llama.cpp is asked token by token


@dataclass
class Exports:
    """What is damaged, and what it is compared with."""

    root: Path
    base: Path
    adapter: Path
    tuned: Tuned
    reference: Reference
    probe: Probe

    @property
    def merged(self) -> Path:
        """The fine-tune as a whole model."""
        return self.root / "merged"

    @property
    def four_bits(self) -> Path:
        """The same in 4 bits."""
        return self.root / "four-bits"

    def gguf(self, quant: str) -> Path:
        """The same as a GGUF file; ``base`` for the base, ``LoRA`` for the adapter alone."""
        return self.root / f"{quant}.gguf"

    @property
    def asked(self) -> dict[str, Any]:
        """What each proof asks."""
        probe = self.probe
        return {
            "chats": probe.chats, "prompts": probe.prompts, "ids": probe.ids, "ends": _ENDS,
            "limits": probe.limits,
        }  # fmt: skip


@dataclass(frozen=True)
class Form:
    """One form of export: its sound copy, what may happen to it, and its own proof."""

    name: str
    source: Callable[[Exports], Path]
    damages: dict[str, Damage]
    refusal: Callable[[Exports, Path], str]


def make_exports(root: Path) -> Exports:
    """Train a tiny model for a few steps and export it in every form."""
    base = make_tiny_model(root / "base", kept_sample_model())
    project = Project.create(root / "project")
    prepare(project, [write_numbers(root / "numbers.jsonl", 300)], run_job=run_job)
    here = look(project, base)
    values = {"max_steps": 6, "effective_batch": 8, "rank": 4, "learning_rate": 5e-3}
    train(here, choose(here, values=values).config, run_job=run_job)
    run = project.run("train-001")
    tuned = load_tuned(project, run)
    whole = make_reference(tuned)
    places = whole.places[0][:_PLACES]
    reference = Reference(whole.ids[:1], [places], whole.logs[: len(places)])
    probe = ask_all(tuned, make_probe(tuned, _ENDS))
    exports = Exports(root, base, best_adapter(run), tuned, reference, probe)
    job = RunFolder(root / "job")
    job.root.mkdir()
    with JobLink(job) as link:
        _write_merged(exports)
        _write_ggufs(exports, job, link)
        exports.four_bits.mkdir()
        work = Work(job, load_tuned(project, run), _ENDS, probe, link)  # which is used up
        write_four_bits(work, whole, exports.four_bits)
    return exports


def _write_merged(exports: Exports) -> None:
    merged, tokenizer = exports.merged, exports.tuned.tokenizer
    merged.mkdir()
    Merge(exports.base, exports.adapter, "unpacked", "cpu").write(merged, lambda _done, _all: None)
    write_tokenizer(exports.base, tokenizer, merged)
    write_generation(merged, _ENDS, tokenizer)


def _write_ggufs(exports: Exports, job: RunFolder, link: JobLink) -> None:
    merged, base = str(exports.merged), str(exports.base)
    whole = partial(GgufParams, name="Tiny")
    adapter = str(exports.adapter)
    for name, asked in {
        **{quant: partial(whole, merged=merged, quant=quant) for quant in QUANTS},
        "base": partial(whole, merged=base, quant="F16"),
        "LoRA": partial(whole, merged=base, quant="F16", adapter=adapter),
    }.items():
        run_gguf(job, asked(file=str(exports.gguf(name))), link)


def refusal_of_merged(exports: Exports, folder: Path) -> str:
    """Return why the proof refuses a merged model, ``""`` where it does not."""
    params = MergedProofParams(
        export=str(folder), base_model=str(exports.base), adapter=str(exports.adapter),
        onto="unpacked", **exports.asked,
    )  # fmt: skip
    return _refused(exports, folder, lambda job, link: run_merged_proof(job, params, link))


def refusal_of_four_bits(exports: Exports, folder: Path) -> str:
    """Return why the proof refuses a model in 4 bits, ``""`` where it does not."""
    params = FourBitsProofParams(export=str(folder), merged=str(exports.merged), **exports.asked)
    return _refused(exports, folder, lambda job, link: run_four_bits_proof(job, params, link))


def refusal_of_gguf(exports: Exports, file: Path, quant: str) -> str:
    """Return why the proof refuses a GGUF file, ``""`` where it does not."""
    return _refused_by_llama(
        exports,
        GgufProofParams(merged=str(exports.merged), file=str(file), quant=quant, **exports.asked),
        file,
    )


def refusal_of_lora(exports: Exports, file: Path) -> str:
    """Return why the proof refuses an adapter as GGUF, ``""`` where it does not."""
    params = GgufProofParams(
        merged=str(exports.base), file=str(exports.gguf("base")), quant="F16",
        adapter=str(exports.adapter), lora=str(file), **exports.asked,
    )  # fmt: skip
    return _refused_by_llama(exports, params, file)


def _refused_by_llama(exports: Exports, params: GgufProofParams, file: Path) -> str:
    def prove(job: RunFolder, link: JobLink) -> LikenessResult:
        child = RunFolder(job.root / "proof")
        child.root.mkdir()
        exports.reference.write(child.root)
        found = result_of(child, params, link)
        return LikenessResult.model_validate(found.model_dump())

    return _refused(exports, file, prove)


def _refused(
    exports: Exports, copy: Path, prove: Callable[[RunFolder, JobLink], LikenessResult]
) -> str:
    job = RunFolder(copy.with_name("job"))
    job.root.mkdir()
    exports.reference.write(job.root)
    try:
        with JobLink(job) as link:
            require_alike(prove(job, link), exports.probe)
    except UserFacingError as error:
        return f"{error.code}: {error.details.strip()[-160:]}"
    except Exception:  # in the job this is a refusal too, but one without good words
        return traceback.format_exc().strip().rpartition("\n")[2]
    return ""


def _gguf_form(quant: str) -> Form:
    return Form(
        f"GGUF {quant}",
        lambda exports: exports.gguf(quant),
        GGUF,
        partial(refusal_of_gguf, quant=quant),
    )


FORMS = [
    Form("merged", lambda exports: exports.merged, MERGED, refusal_of_merged),
    Form("4 bits", lambda exports: exports.four_bits, FOUR_BITS, refusal_of_four_bits),
    Form("GGUF LoRA", lambda exports: exports.gguf("LoRA"), LORA, refusal_of_lora),
    *map(_gguf_form, QUANTS),
]
# Merged models are cheap to load; llama.cpp is asked token by token.
_TURNS = [
    FORMS[0],
    FORMS[1],
    FORMS[0],
    FORMS[2],
    FORMS[0],
    FORMS[1],
    FORMS[3],
    FORMS[0],
    *FORMS[4:],
]


def one_case(exports: Exports, number: int, dice: random.Random, *, sound: bool) -> tuple[str, str]:
    """Return the kind of case and why the export was refused."""
    form = _TURNS[number % len(_TURNS)]
    place = exports.root / "cases" / str(number)
    place.mkdir(parents=True)
    source = form.source(exports)
    copy = place / source.name
    try:
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, copy)
        damages = dict(form.damages)
        if form is FORMS[0]:
            damages["the base alone"] = base_alone(exports.base)
        kind = "sound" if sound else dice.choice(list(damages))
        if not sound:
            damages[kind](copy, dice)
        return f"{form.name}: {kind}", form.refusal(exports, copy)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def run(root: Path, faults: int, sound: int, seed: int) -> tuple[list[str], list[str]]:
    """Return the faults that were not noticed and the sound exports that were refused."""
    exports, dice = make_exports(root), random.Random(seed)
    missed: list[str] = []
    refused: list[str] = []
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
