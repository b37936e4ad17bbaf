from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.evaluation.rating.ratings import AnswerPair, Ratings
from core.events import Finished
from core.export.proofs import note_proof
from core.jobs.link import JobLink
from core.jobs.spec import ExportParams, ExportResult, write_spec
from core.library import shelf
from core.library.about import About, read_about, write_about
from core.library.shelf import duplicate, read_shelf
from core.storage.transaction import staged_folder


def test_each_says_what_it_found_and_the_room_it_takes(own_copy):
    write_about(own_copy.run("train-001"), About(name="First", notes="Good."))
    kept = next(k for k in read_shelf([own_copy.root]) if k.tune.run.name == "train-001")
    assert kept.name == "First" and kept.about.notes == "Good."
    assert kept.verdict
    assert kept.size > 1000
    assert kept.finished is not None
    for one in kept.saved:
        assert one.state == "unchanged"


def test_what_a_blind_rating_found_is_told_once_it_is_finished(own_copy):
    run = own_copy.run("train-001")
    with Ratings(own_copy.ratings_file) as ratings:
        session = ratings.session(run.name, [AnswerPair("q", "a", "b")])
        assert _kept(own_copy).rated == "", "hidden until the end"
        session.finish()
        assert _kept(own_copy).rated == session.totals().verdict.sentence


def _kept(project):
    return next(k for k in read_shelf([project.root]) if k.tune.run.name == "train-001")


def test_a_duplicate_has_the_weights_and_no_checkpoints(own_copy):
    kept = next(k for k in read_shelf([own_copy.root]) if k.tune.run.name == "train-001")
    (kept.tune.run.root / "link").symlink_to("/etc")
    copy = duplicate(kept)
    (kept.tune.run.root / "link").unlink()
    made = next(k for k in read_shelf([own_copy.root]) if k.tune.run == copy)
    assert made.name == f"{own_copy.name} (copy)"
    assert made.tune.perplexity == kept.tune.perplexity
    weights = sorted(p.relative_to(kept.tune.run.best) for p in kept.tune.run.best.rglob("*"))
    assert sorted(p.relative_to(copy.best) for p in copy.best.rglob("*")) == weights
    assert not copy.checkpoints.exists()
    assert not (copy.root / "link").is_symlink()
    assert read_about(kept.tune.run) == About()


def test_a_copy_that_fails_leaves_nothing(own_copy, monkeypatch):
    (kept, *_) = read_shelf([own_copy.root])
    before = sorted(run.name for run in own_copy.runs())

    def full(*_given, **_known):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf.shutil, "copy2", full)
    with pytest.raises(UserFacingError):
        duplicate(kept)
    assert sorted(run.name for run in own_copy.runs()) == before


def test_only_what_is_still_as_it_was_proved_is_called_saved(own_copy, tmp_path):
    folder = tmp_path / "saved ü"
    with staged_folder(folder) as staging:
        (staging / "adapter.txt").write_text("x")
    note_proof(folder)
    job = own_copy.new_run("export")
    write_spec(job, ExportParams(run="train-001", to=str(folder)))
    result = ExportResult(folder=str(folder), largest_difference=0.0)
    with JobLink(job) as link:
        link.emit(Finished(outcome="completed", job="export", result=result))

    def saved() -> list[Path]:
        return [one.folder for kept in read_shelf([own_copy.root]) for one in kept.saved]

    assert folder in saved()
    (folder / "adapter.txt").unlink()
    assert folder not in saved()
