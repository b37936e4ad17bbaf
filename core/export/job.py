"""The job ``export``: write the adapter folder, load it again in a fresh process, compare, publish.

What it is asked to do and what it gives is in :mod:`core.jobs.spec`.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

from core.chat.generation import stop_tokens
from core.errors import UserFacingError
from core.evaluation.job import Tuned, load_tuned
from core.export.adapter import write_adapter
from core.export.card import card_of, readme
from core.export.proof import Probe, Proof, make_probe, prove
from core.export.proofs import note_proof
from core.export.tokenizer import write_generation, write_tokenizer
from core.jobs.link import JobLink
from core.jobs.spec import ExportParams, ExportResult
from core.language import _
from core.models.inspection import inspect_model
from core.project import Project, RunFolder
from core.storage.files import write_json, write_text
from core.storage.transaction import staged_folder
from core.training.result import best_adapter

FORMS = ("adapter",)


def run_export(folder: RunFolder, params: ExportParams, link: JobLink) -> ExportResult:
    """Export one form.

    Raises:
        UserFacingError: the target exists, the disk refuses, or the export does not answer like
            the trained model (code ``export.proof_failed``); then nothing is left behind.
    """
    check_form(params.form)
    project = Project.of_run(folder)
    target = Path(params.to)
    with staged_folder(target) as staging:
        link.progress(_("Loading the trained model"))
        tuned = load_tuned(project, project.run(params.run))
        ends = stop_tokens(tuned.model, tuned.tokenizer)
        probe = make_probe(tuned, ends)
        link.progress(_("Writing the adapter"))
        _write_model(tuned, ends, staging)
        link.progress(_("Loading the export again and comparing"))
        proof = prove(folder, staging, tuned, probe)
        _write_papers(tuned, staging, probe, proof)
    note_proof(target)
    return ExportResult(folder=str(target), form=params.form, **asdict(proof))


def check_form(form: str) -> None:
    """Raise a UserFacingError (``export.unknown_form``) for a form that cannot be written."""
    if form not in FORMS:
        raise UserFacingError(
            "export.unknown_form",
            _("This version cannot export “{form}”.", form=form),
            _("Choose one of: {forms}.", forms=", ".join(FORMS)),
        )


def _write_model(tuned: Tuned, ends: list[int], folder: Path) -> None:
    base = Path(tuned.facts.base_model)
    write_adapter(best_adapter(tuned.run), inspect_model(base).name, folder)
    write_tokenizer(base, tuned.tokenizer, folder)
    write_generation(folder, ends, tuned.tokenizer)


def _write_papers(tuned: Tuned, folder: Path, probe: Probe, proof: Proof) -> None:
    card = card_of(tuned)
    write_json(folder / "card.json", card.model_dump(mode="json"))
    write_text(folder / "README.md", readme(card, tuned.config.quantisation))
    shutil.copyfile(tuned.run.config_file, folder / "training_config.yaml")
    text = {"chats": probe.chats, "prompts": probe.prompts, "ids": probe.ids}
    write_json(folder / "proof.json", {**text, **asdict(proof)})
