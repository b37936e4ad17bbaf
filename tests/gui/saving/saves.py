"""Savings that have ended, written as their jobs write them."""

from __future__ import annotations

from pathlib import Path

from core.events import Failed, Finished
from core.export.proofs import note_proof
from core.jobs.likeness import Answered, Likeness
from core.jobs.link import JobLink
from core.jobs.spec import ExportParams, ExportResult, write_spec
from core.language import _
from core.project import Project, RunFolder
from core.storage.transaction import staged_folder
from tests.gui.scenes import ANSWER, QUESTION

LIKENESS = Likeness(tokens=150, loss=1.642, wanted=1.637, divergence=0.034)
ANSWERS = [
    Answered(question=QUESTION, wanted=ANSWER, wanted_ended=True, answer=ANSWER, ended=True),
    Answered(
        question="What comes after 7?", wanted="8, so.", wanted_ended=True,
        answer="8, of course, and then", ended=False,
    ),
]  # fmt: skip


def save(project: Project, folder: Path, run: str = "train-001", **values: object) -> RunFolder:
    """Write a saving that went well; its folder was proved on this computer."""
    with staged_folder(folder) as staging:
        (staging / "model.gguf").write_bytes(b"GGUF")
    note_proof(folder)
    return end(project, ExportResult.model_validate({"folder": str(folder), **values}), run)


def end(project: Project, result: ExportResult, run: str = "train-001") -> RunFolder:
    """Write a saving that gave this."""
    job = project.new_run("export")
    params = {"run": run, "to": result.folder, "form": result.form}
    write_spec(job, ExportParams.model_validate({**params, "quant": result.quant or "Q4_K_M"}))
    with JobLink(job) as link:
        link.emit(Finished(outcome="completed", job="export", result=result))
    return job


def refuse(project: Project, folder: Path, run: str = "train-001") -> RunFolder:
    """Write a saving whose proof failed."""
    job = project.new_run("export")
    write_spec(job, ExportParams(run=run, to=str(folder), form="gguf", quant="Q5_K_M"))
    what = _("The export does not answer like the trained model, so it was not saved.")
    with JobLink(job) as link:
        link.emit(
            Failed(code="export.proof_failed", what=what, todo="", details="perplexity 9.1 …")
        )
    return job


def save_some(project: Project, parent: Path) -> None:
    """Write an adapter, a packed file and one that was refused."""
    save(project, parent / "adapter", largest_difference=0.0, speed=41.0, size=9_800_000)
    packed = {"form": "gguf", "quant": "Q4_K_M", "likeness": LIKENESS, "answers": ANSWERS}
    save(project, parent / "GGUF", **packed, speed=61.7, size=105_000_000)
    refuse(project, parent / "refused")
