import shutil

import pytest

from core.errors import UserFacingError
from core.export.proofs import note_proof
from core.library import shelf
from core.library.about import About, read_about, write_about
from core.library.shelf import duplicate, read_shelf


def test_each_says_what_it_found_and_the_room_it_takes(own_copy):
    write_about(own_copy.run("train-001"), About(name="First", notes="Good."))
    kept = next(k for k in read_shelf([own_copy.root]) if k.tune.run.name == "train-001")
    assert kept.name == "First" and kept.about.notes == "Good."
    assert kept.verdict
    assert kept.size > 1000
    assert kept.finished is not None
    for one in kept.saved:
        assert one.state == "unchanged"


def test_a_duplicate_has_the_weights_and_no_checkpoints(own_copy):
    kept = next(k for k in read_shelf([own_copy.root]) if k.tune.run.name == "train-001")
    (kept.tune.run.root / "link").symlink_to("/etc")
    copy = duplicate(kept)
    made = next(k for k in read_shelf([own_copy.root]) if k.tune.run == copy)
    assert made.name == "train-001 (copy)"
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
    kept = next(k for k in read_shelf([own_copy.root]) if k.saved)
    folder = kept.saved[0].folder
    moved = shutil.move(folder, tmp_path / "away")
    again = next(k for k in read_shelf([own_copy.root]) if k.tune.run == kept.tune.run)
    assert folder not in [one.folder for one in again.saved]
    shutil.move(moved, folder)
    note_proof(folder)
