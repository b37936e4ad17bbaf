"""The job ``export``: write the adapter folder, load it again in a fresh process, compare, publish.

Parameters (JSON): ``run`` (name of a training run), ``to`` (folder to make),
``form`` (``adapter``).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.evaluation.job import Tuned, best_adapter_folder, load_tuned
from core.export.card import card_facts, readme
from core.export.proof import Probe, make_probe, prove
from core.export.proofs import note_proof
from core.files import write_json, write_text
from core.jobs.link import JobLink
from core.project import Project, RunFolder
from core.training.adapter import CONFIG, WEIGHTS
from core.transaction import staged_folder

FORMS = ("adapter",)


def run_export(folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Export one form; gives ``{"folder", "form", "largest_difference", "answer"}``.

    Raises:
        UserFacingError: the target exists, the disk refuses, or the export does not answer like
            the trained model (code ``export.proof_failed``); then nothing is left behind.
    """
    check_form(params["form"])
    project = Project.of_run(folder)
    target = Path(params["to"])
    with staged_folder(target) as staging:
        link.progress("Loading the trained model")
        tuned = load_tuned(project, project.run(params["run"]))
        probe = make_probe(tuned)
        link.progress("Writing the adapter")
        _write_adapter(tuned, staging)
        link.progress("Loading the export again and comparing")
        proof = prove(folder, staging, tuned, probe)
        _write_papers(tuned, staging, probe, proof)
    note_proof(target)
    return {"folder": str(target), "form": params["form"], **proof}


def check_form(form: str) -> None:
    """Raise a UserFacingError (``export.unknown_form``) for a form that cannot be written."""
    if form not in FORMS:
        raise UserFacingError(
            "export.unknown_form",
            f"This version cannot export “{form}”.",
            f"Choose one of: {', '.join(FORMS)}.",
        )


def _write_adapter(tuned: Tuned, folder: Path) -> None:
    best = best_adapter_folder(tuned.run)
    for name in (WEIGHTS, CONFIG):
        shutil.copyfile(best / name, folder / name)
    tuned.tokenizer.save_pretrained(str(folder))


def _write_papers(tuned: Tuned, folder: Path, probe: Probe, proof: dict[str, Any]) -> None:
    facts = card_facts(tuned)
    write_json(folder / "card.json", facts)
    write_text(folder / "README.md", readme(facts))
    shutil.copyfile(tuned.run.config_file, folder / "training_config.yaml")
    write_json(folder / "proof.json", {"prompts": probe.prompts, **proof})
