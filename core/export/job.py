"""The job ``export``: write one form, load it again in a fresh process, compare, publish.

What it is asked to do and what it gives is in :mod:`core.jobs.spec`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from core.evaluation.report.page import REPORT_FILE, write_report
from core.evaluation.tuned import Tuned, load_tuned
from core.export.adapter import write_adapter
from core.export.card import Card, card_of, readme
from core.export.four_bits.form import four_bits_readme, write_four_bits
from core.export.gguf.adapter import gguf_adapter_readme, write_gguf_adapter
from core.export.gguf.form import gguf_readme, write_gguf
from core.export.gguf.quants import ADAPTER
from core.export.likeness import make_reference
from core.export.merging.form import Merged, Merging, merged_readme
from core.export.merging.merge import merged_bytes
from core.export.proof import Probe, Work, ask_all, make_probe, prove
from core.export.proofs import note_proof
from core.export.saves.forms import FORMS, Choice, check_form
from core.export.saves.rates import note_seconds
from core.export.spec import LikenessResult
from core.export.tokenizer import write_generation, write_tokenizer
from core.generation.answers import stop_tokens
from core.jobs.link import JobLink
from core.jobs.spec import ExportParams, ExportResult, Proven
from core.language import _
from core.models.inspection import inspect_model
from core.project import Project, RunFolder
from core.storage.files import write_json, write_text
from core.storage.ordinary import is_ordinary_file
from core.storage.transaction import staged_folder
from core.training.result import best_adapter


def run_export(folder: RunFolder, params: ExportParams, link: JobLink) -> ExportResult:
    """Export one form.

    Raises:
        UserFacingError: the target exists, the disk refuses, or the export does not answer like
            the trained model (code ``export.proof_failed``); then nothing is left behind.
    """
    check_form(params.form, params.quant)
    began = time.monotonic()
    project = Project.of_run(folder)
    target = Path(params.to)
    with staged_folder(target) as staging:
        link.progress(_("Loading the trained model"))
        tuned = load_tuned(project, project.run(params.run))
        ends = stop_tokens(tuned.model, tuned.tokenizer)
        probe = make_probe(tuned, ends)
        work = Work(folder, tuned, ends, probe, link)
        found = _writer_of(params)(work, staging)
    note_proof(target)
    quant = params.quant if FORMS[params.form].quants else ""
    model = merged_bytes(Path(tuned.facts.base_model))
    note_seconds(Choice(params.form, quant), model, time.monotonic() - began)
    return ExportResult(folder=str(target), form=params.form, size=_size(target), **dict(found))


def _writer_of(params: ExportParams) -> Callable[[Work, Path], Proven]:
    """Return what writes this form into a folder and proves it."""
    if params.form != "gguf":
        return {"adapter": _adapter, "merged": _merged, "four_bits": _four_bits}[params.form]
    return _gguf_adapter if params.quant == ADAPTER else partial(_gguf, quant=params.quant)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _adapter(work: Work, staging: Path) -> Proven:
    tuned = work.tuned
    work.link.progress(_("Writing the adapter"))
    _write_model(tuned, work.ends, staging)
    work.link.progress(_("Loading the export again and comparing"))
    proof = prove(work, staging)
    answers = work.probe.answered([(proof.answer, proof.ended_by_itself)])
    found = Proven(**asdict(proof), answers=answers)
    card = card_of(tuned)
    _write_papers(tuned, staging, card, readme(card, tuned.config.quantisation))
    _write_proof(staging, work.probe, found)
    return found


def _merged(work: Work, staging: Path) -> Proven:
    work = _asked(work)
    made = Merging(work, make_reference(work.tuned)).write(staging)
    return _whole(work, staging, made, made.proof, merged_readme(card_of(work.tuned), made))


def _four_bits(work: Work, staging: Path) -> Proven:
    work = _asked(work)
    made = write_four_bits(work, make_reference(work.tuned), staging)
    text = four_bits_readme(card_of(work.tuned), made)
    return _whole(work, staging, made.merged, made.proof, text)


def _gguf(work: Work, staging: Path, quant: str) -> Proven:
    work = _asked(work)
    made = write_gguf(work, make_reference(work.tuned), quant, staging)
    text = gguf_readme(card_of(work.tuned), made)
    return _whole(work, staging, made.merged, made.proof, text, quant=quant)


def _gguf_adapter(work: Work, staging: Path) -> Proven:
    work = _asked(work)
    proof = write_gguf_adapter(work, make_reference(work.tuned), staging)
    text = gguf_adapter_readme(card_of(work.tuned), proof)
    return _whole(work, staging, None, proof, text, quant=ADAPTER)


def _whole(
    work: Work,
    staging: Path,
    merged: Merged | None,
    proof: LikenessResult,
    text: str,
    **packing: str,
) -> Proven:
    """Write the papers of a form that answered in a process of its own; return what was found."""
    _write_papers(work.tuned, staging, card_of(work.tuned), text)
    found = Proven(
        **packing,
        onto=merged.onto if merged is not None else "original",
        candidates=merged.candidates if merged is not None else {},
        likeness=proof.likeness,
        answer=proof.answer,
        ended_by_itself=proof.ended,
        speed=proof.speed,
        answers=work.probe.answered(proof.answers),
    )
    _write_proof(staging, work.probe, found)
    return found


def _asked(work: Work) -> Work:
    """Ask the fine-tune what the export will be asked."""
    work.link.progress(_("The fine-tune answers"))
    asked = replace(work, probe=ask_all(work.tuned, work.probe))
    work.link.progress(_("Measuring the fine-tune on unseen examples"))
    return asked


def _write_model(tuned: Tuned, ends: list[int], folder: Path) -> None:
    base = Path(tuned.facts.base_model)
    write_adapter(best_adapter(tuned.run), inspect_model(base).name, folder)
    write_tokenizer(base, tuned.tokenizer, folder)
    write_generation(folder, ends, tuned.tokenizer)


def _write_papers(tuned: Tuned, folder: Path, card: Card, text: str) -> None:
    write_json(folder / "card.json", card.model_dump(mode="json"))
    write_text(folder / "README.md", text)
    shutil.copyfile(tuned.run.config_file, folder / "training_config.yaml")
    if is_ordinary_file(tuned.run.evaluation_file):
        write_report(tuned.project, tuned.run, folder / REPORT_FILE)


def _write_proof(folder: Path, probe: Probe, found: Proven) -> None:
    text = {"chats": probe.chats, "prompts": probe.prompts, "ids": probe.ids}
    write_json(folder / "proof.json", {**text, **found.model_dump(exclude_unset=True)})
