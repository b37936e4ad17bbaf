"""The job ``export``: write one form, load it again in a fresh process, compare, publish.

What it is asked to do and what it gives is in :mod:`core.jobs.spec`.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.evaluation.job import Tuned, load_tuned
from core.export.adapter import write_adapter
from core.export.card import Card, card_of, readme
from core.export.gguf.form import gguf_readme, write_gguf
from core.export.likeness import make_reference
from core.export.merge import merged_bytes
from core.export.merged import Merging, merged_readme
from core.export.proof import Probe, Work, ask_all, make_probe, prove
from core.export.proofs import note_proof
from core.export.saves.forms import FORMS, Choice, check_form
from core.export.saves.rates import note_seconds
from core.export.tokenizer import write_generation, write_tokenizer
from core.generation.answers import stop_tokens
from core.jobs.likeness import Answered, Likeness
from core.jobs.link import JobLink
from core.jobs.spec import ExportParams, ExportResult
from core.language import _
from core.models.inspection import inspect_model
from core.project import Project, RunFolder
from core.storage.files import write_json, write_text
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
        if params.form == "gguf":
            found = _gguf(work, staging, params.quant)
        else:
            found = (_merged if params.form == "merged" else _adapter)(work, staging)
    note_proof(target)
    quant = params.quant if FORMS[params.form].quants else ""
    model = merged_bytes(Path(tuned.facts.base_model))
    note_seconds(Choice(params.form, quant), model, time.monotonic() - began)
    return ExportResult(folder=str(target), form=params.form, size=_size(target), **found)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _adapter(work: Work, staging: Path) -> dict[str, Any]:
    tuned = work.tuned
    work.link.progress(_("Writing the adapter"))
    _write_model(tuned, work.ends, staging)
    work.link.progress(_("Loading the export again and comparing"))
    proof = prove(work, staging)
    found = {
        **asdict(proof),
        "answers": work.probe.answered([(proof.answer, proof.ended_by_itself)]),
    }
    card = card_of(tuned)
    _write_papers(tuned, staging, card, readme(card, tuned.config.quantisation))
    _write_proof(staging, work.probe, _plain(found))
    return found


def _merged(work: Work, staging: Path) -> dict[str, Any]:
    tuned = work.tuned
    work = _asked(work)
    work.link.progress(_("Measuring the fine-tune on unseen examples"))
    merged = Merging(work, make_reference(tuned)).write(staging)
    card = card_of(tuned)
    _write_papers(tuned, staging, card, merged_readme(card, merged))
    found = {
        "onto": merged.onto,
        "candidates": merged.candidates,
        "likeness": merged.proof.likeness,
        "answer": merged.proof.answer,
        "ended_by_itself": merged.proof.ended,
        "speed": merged.proof.speed,
        "answers": work.probe.answered(merged.proof.answers),
    }
    _write_proof(staging, work.probe, _plain(found))
    return found


def _gguf(work: Work, staging: Path, quant: str) -> dict[str, Any]:
    tuned = work.tuned
    work = _asked(work)
    work.link.progress(_("Measuring the fine-tune on unseen examples"))
    made = write_gguf(work, make_reference(tuned), quant, staging)
    card = card_of(tuned)
    _write_papers(tuned, staging, card, gguf_readme(card, made))
    found = {
        "quant": quant,
        "onto": made.merged.onto,
        "candidates": made.merged.candidates,
        "likeness": made.proof.likeness,
        "answer": made.proof.answer,
        "ended_by_itself": made.proof.ended,
        "speed": made.proof.speed,
        "answers": work.probe.answered(made.proof.answers),
    }
    _write_proof(staging, work.probe, _plain(found))
    return found


def _asked(work: Work) -> Work:
    """Ask the fine-tune what the export will be asked."""
    work.link.progress(_("The fine-tune answers"))
    return replace(work, probe=ask_all(work.tuned, work.probe))


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """Return what was found as JSON."""
    return {name: _json(value) for name, value in found.items()}


def _json(value: Any) -> Any:
    if isinstance(value, Likeness | Answered):
        return value.model_dump()
    if isinstance(value, dict):
        return {name: _json(inner) for name, inner in value.items()}
    return [_json(inner) for inner in value] if isinstance(value, list) else value


def _write_model(tuned: Tuned, ends: list[int], folder: Path) -> None:
    base = Path(tuned.facts.base_model)
    write_adapter(best_adapter(tuned.run), inspect_model(base).name, folder)
    write_tokenizer(base, tuned.tokenizer, folder)
    write_generation(folder, ends, tuned.tokenizer)


def _write_papers(tuned: Tuned, folder: Path, card: Card, text: str) -> None:
    write_json(folder / "card.json", card.model_dump(mode="json"))
    write_text(folder / "README.md", text)
    shutil.copyfile(tuned.run.config_file, folder / "training_config.yaml")


def _write_proof(folder: Path, probe: Probe, found: dict[str, Any]) -> None:
    text = {"chats": probe.chats, "prompts": probe.prompts, "ids": probe.ids}
    write_json(folder / "proof.json", {**text, **found})
