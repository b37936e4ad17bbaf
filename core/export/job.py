"""The job ``export``: write one form, load it again in a fresh process, compare, publish.

What it is asked to do and what it gives is in :mod:`core.jobs.spec`.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.evaluation.job import Tuned, load_tuned
from core.export.adapter import write_adapter
from core.export.card import Card, card_of, readme
from core.export.gguf.form import gguf_readme, write_gguf
from core.export.gguf.quants import QUANTS
from core.export.likeness import make_reference
from core.export.merged import Merging, merged_readme
from core.export.proof import Probe, Work, make_probe, prove
from core.export.proofs import note_proof
from core.export.tokenizer import write_generation, write_tokenizer
from core.generation.answers import stop_tokens
from core.jobs.likeness import Likeness
from core.jobs.link import JobLink
from core.jobs.spec import ExportParams, ExportResult
from core.language import _
from core.models.inspection import inspect_model
from core.project import Project, RunFolder
from core.storage.files import write_json, write_text
from core.storage.transaction import staged_folder
from core.training.result import best_adapter

FORMS = ("adapter", "merged", "gguf")


def run_export(folder: RunFolder, params: ExportParams, link: JobLink) -> ExportResult:
    """Export one form.

    Raises:
        UserFacingError: the target exists, the disk refuses, or the export does not answer like
            the trained model (code ``export.proof_failed``); then nothing is left behind.
    """
    check_form(params.form, params.quant)
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
    return ExportResult(folder=str(target), form=params.form, **found)


def _adapter(work: Work, staging: Path) -> dict[str, Any]:
    tuned = work.tuned
    work.link.progress(_("Writing the adapter"))
    _write_model(tuned, work.ends, staging)
    work.link.progress(_("Loading the export again and comparing"))
    proof = asdict(prove(work.folder, staging, tuned, work.probe))
    card = card_of(tuned)
    _write_papers(tuned, staging, card, readme(card, tuned.config.quantisation))
    _write_proof(staging, work.probe, proof)
    return proof


def _merged(work: Work, staging: Path) -> dict[str, Any]:
    tuned = work.tuned
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
    }
    _write_proof(staging, work.probe, _plain(found))
    return found


def _gguf(work: Work, staging: Path, quant: str) -> dict[str, Any]:
    tuned = work.tuned
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
    }
    _write_proof(staging, work.probe, _plain(found))
    return found


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    ways: dict[str, Likeness] = found["candidates"]
    shown = {way: one.model_dump() for way, one in ways.items()}
    return {**found, "candidates": shown, "likeness": found["likeness"].model_dump()}


def check_form(form: str, quant: str = QUANTS[0]) -> None:
    """Raise a UserFacingError (``export.unknown_form``) for a form that cannot be written."""
    for asked, known in ((form, FORMS), (quant, QUANTS)):
        if asked not in known:
            raise UserFacingError(
                "export.unknown_form",
                _("This version cannot export “{form}”.", form=asked),
                _("Choose one of: {forms}.", forms=", ".join(known)),
            )


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
