"""What an earlier version left is opened, finished and read by this one."""

import zipfile

import pytest

from core.bin import in_bin
from core.chat.label_preview import LabelPreview
from core.config.training import load_config
from core.data.dataset import DatasetVersion
from core.data.draft import Draft
from core.evaluation.rating.ratings import Ratings, pairs_from
from core.evaluation.stored import read_evaluation
from core.events import Finished, Started, TrainStep
from core.jobs.link import JobLink
from core.jobs.spec import asked_of, training_params
from core.jobs.status import RunState
from core.jobs.supervisor import read_events
from core.library.fine_tunes import list_fine_tunes
from core.project import Project
from core.queue.entries import read_queue
from core.storage.files import read_json
from core.training.job import run_train
from core.training.result import read_facts
from core.wizard import load_state
from tests.old_project import ARCHIVE, KILLED, MORE, QUEUED, RATED, WHOLE, adapter_of, origin


@pytest.fixture
def old(tmp_path):
    """The project, unpacked in a place where it was not made."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path / "old ü")
    return Project.open(tmp_path / "old ü" / "project")


def test_it_opens_with_all_that_is_in_it(old):
    state = load_state(old)
    assert (state.finished_run, state.training_done, state.evaluated) == (WHOLE, True, True)
    version = DatasetVersion.load(old.version_folder(state.dataset_version))
    version.verify()
    assert len(list(version.examples())) == sum(version.counts.values()) == 60
    with Draft(old.draft) as draft:
        assert len(draft) == 60
        assert len(draft.near_index().sketch) == 60
    preview = LabelPreview.load(old.run("learning-001"))
    assert len(preview) == 60
    assert not len(preview.unlearnable(64))
    assert not in_bin([old.root])


def test_its_ratings_and_exports_are_there(old):
    run = old.run(WHOLE)
    pairs = pairs_from(read_evaluation(run).answers)
    with Ratings(old.ratings_file) as ratings:
        session = ratings.session(WHOLE, pairs)
        assert session.rated == len(RATED)
    (tune,) = list_fine_tunes([old.root])
    assert (tune.run, tune.steps) == (run, 6)
    assert tune.perplexity is not None
    exported = old.root / "exports" / "adapter"
    assert (exported / "adapter_model.safetensors").read_bytes() == adapter_of(old, WHOLE)
    assert read_json(old.run("export-001").job_file)["kind"] == "export"


def test_its_queue_still_waits(old):
    (entry,) = read_queue(old)
    assert (entry.item.run, entry.state) == (QUEUED, RunState.WAITING)
    assert training_params(old.run(QUEUED)) == training_params(old.run(KILLED))


def test_every_event_that_it_told_is_understood(old):
    for run in old.runs():
        if run.events_file.is_file():
            lines = run.events_file.read_text(encoding="utf-8").splitlines()
            assert len(read_events(run)) == len(lines)
    last = read_events(old.run(WHOLE))[-1]
    assert isinstance(last, Finished)
    assert last.result == read_facts(old.run(WHOLE))


def test_what_its_jobs_were_asked_and_gave_is_understood(old):
    """It wrote no kind beside a result, and parameters that nobody reads any more."""
    for run in old.runs():
        asked = asked_of(run)
        assert asked is not None and run.name.startswith(asked.kind)
        ends = [e for e in read_events(run) if isinstance(e, Finished)]
        assert all(isinstance(end.result, asked.result_type()) for end in ends)


@pytest.mark.parametrize(("name", "step"), [(KILLED, 3), (MORE, 2)])
def test_a_killed_training_is_finished_as_if_nothing_had_killed_it(old, name, step):
    """To the byte on the kind of processor that it was made on, else as close as arithmetic is."""
    from safetensors.torch import load
    from torch.testing import assert_close

    run = old.run(name)
    with JobLink(run) as link:
        facts = run_train(run, training_params(run), link)
    assert facts.steps == load_config(run.config_file).max_steps == 6
    told = read_events(run)
    assert [e.resumed_from_step for e in told if isinstance(e, Started)] == [0, step]
    assert [e.step for e in told if isinstance(e, TrainStep)] == [1, 2, 3, 4, 5, 6]
    ours = adapter_of(old, name)
    expected = (old.root.parent / "expected" / f"{name}.safetensors").read_bytes()
    if read_json(old.root.parent / "origin.json") == origin():
        assert ours == expected
    else:
        assert_close(load(ours), load(expected), rtol=1e-2, atol=1e-3)
