import shutil
from pathlib import Path

from core.events import Failed, Finished
from core.export.proofs import note_proof
from core.export.saves.forms import Choice
from core.export.saves.listing import just_saved, saved_form, saved_forms
from core.jobs.likeness import Likeness, Verdict
from core.jobs.link import JobLink
from core.jobs.spec import ExportParams, ExportResult, write_spec
from core.project import Project
from core.storage.transaction import staged_folder


def job(project: Project, folder: Path, **params):
    made = project.new_run("export")
    write_spec(made, ExportParams(run="train-001", to=str(folder), **params))
    return made


def saved(project: Project, folder: Path, **values):
    """A job that ended with a folder that was proved here."""
    made = job(project, folder, form=values.get("form", "adapter"))
    with staged_folder(folder) as staging:
        (staging / "weights.safetensors").write_bytes(b"x")
    note_proof(folder)
    with JobLink(made) as link:
        link.emit(
            Finished(
                outcome="completed", job="export", result=ExportResult(folder=str(folder), **values)
            )
        )
    return made


def refused(project: Project, folder: Path):
    made = job(project, folder, form="gguf", quant="Q4_K_M")
    failed = Failed(
        code="export.proof_failed", what="It answers otherwise.", todo="Again.", details="details"
    )
    with JobLink(made) as link:
        link.emit(failed)
    return made


def test_saved_and_refused_ones_are_listed_the_newest_first(tmp_path):
    project = Project.create(tmp_path / "p")
    likeness = Likeness(tokens=9, loss=1.1, wanted=1.0, divergence=0.1)
    saved(project, tmp_path / "one", form="merged", likeness=likeness)
    refused(project, tmp_path / "two")
    job(project, tmp_path / "three")  # never began
    two, one = saved_forms(project, "train-001")
    assert (one.choice, one.verdict, one.state) == (
        Choice("merged"), Verdict.SIMILAR, "unchanged"
    )  # fmt: skip
    assert (two.choice, two.verdict, two.state) == (
        Choice("gguf", "Q4_K_M"), Verdict.DIFFERENT, "refused"
    )  # fmt: skip
    assert (two.reason, two.details) == ("It answers otherwise.", "details")
    assert saved_forms(project, "train-002") == []


def test_what_became_of_the_folder_is_said(tmp_path):
    project = Project.create(tmp_path / "p")
    made = saved(project, tmp_path / "one", largest_difference=0.0)
    assert saved_form(made).verdict is Verdict.SAME
    (tmp_path / "one" / "weights.safetensors").unlink()
    assert saved_form(made).state == "changed"
    shutil.rmtree(tmp_path / "one")
    assert saved_form(made).state == "gone"


def test_a_folder_that_only_the_project_names_is_not_called_saved(tmp_path):
    project = Project.create(tmp_path / "p")
    made = job(project, tmp_path / "yours")
    (tmp_path / "yours").mkdir()
    with JobLink(made) as link:
        link.emit(
            Finished(
                outcome="completed",
                job="export",
                result=ExportResult(folder=str(tmp_path / "yours")),
            )
        )
    assert saved_form(made).state == "unknown"


def test_what_was_just_saved_is_a_row():
    one = just_saved(ExportResult(folder="/x", form="gguf", quant="Q8_0"), "train-001")
    assert (one.choice.title, one.folder, one.state) == ("GGUF Q8_0", Path("/x"), "unchanged")
