import os
import stat
import zipfile
from pathlib import Path

import pytest

from core.config.training import load_config
from core.data.dataset import DatasetVersion
from core.data.draft import Draft
from core.errors import UserFacingError
from core.evaluation.rating.ratings import Ratings, pairs_from
from core.evaluation.stored import read_evaluation
from core.events import Finished
from core.jobs.spec import training_params
from core.jobs.status import RunState
from core.jobs.supervisor import read_events
from core.library.fine_tunes import list_fine_tunes
from core.project import Project
from core.queue.entries import read_queue
from core.storage.files import write_json
from core.training.setup.warm_start import best_adapter
from core.wizard import load_state
from tests.foreign_files import Yours, add_training, put_link, put_odd


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Mein Projekt ü 🙂", "Docs")


def refused(action):
    with pytest.raises(UserFacingError) as refusal:
        action()
    return refusal.value.code


def test_a_project_is_found_again(project):
    again = Project.open(project.root)
    assert again == project
    assert again.name == "Docs"


def test_creating_never_mixes_with_other_files(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    assert refused(lambda: Project.create(tmp_path)) == "project.not_empty"
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]


def test_opening_a_plain_folder_is_refused(tmp_path):
    assert refused(lambda: Project.open(tmp_path)) == "project.not_found"


def test_a_project_of_a_newer_version_is_refused(project):
    write_json(project.info_file, {"format": 99, "name": "x"})
    assert refused(lambda: Project.open(project.root)) == "project.newer_version"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said(tmp_path):
    tmp_path.chmod(0o500)
    assert refused(lambda: Project.create(tmp_path / "x")) == "disk.no_permission"


def test_two_windows_cannot_own_one_project(project):
    lock = project.lock()
    assert refused(project.lock) == "project.in_use"
    lock.release()
    project.lock().release()


def test_runs_are_numbered_by_kind(project):
    names = [project.new_run(kind).name for kind in ("train", "trial", "train")]
    assert names == ["train-001", "trial-001", "train-002"]
    assert project.latest_run("train").name == "train-002"
    assert project.latest_run("export") is None


@pytest.mark.parametrize("name", ["train-009", "../data", "", "."])
def test_an_unknown_run_is_said(project, name):
    assert refused(lambda: project.run(name)) == "run.not_found"


def test_info_is_changed_in_place(project):
    project.update_info(answer_format="x")
    assert project.info()["answer_format"] == "x"
    assert project.name == "Docs"


LINKS = (
    "project.json", "wizard.json", "queue.json", "questions.json",
    "ratings.sqlite", "ratings.sqlite-wal", ".owner.lock", ".queue.lock",
    "data", "data/draft", "data/versions", "runs", "runs/train-001",
    "runs/train-001/log.txt", "runs/train-001/events.jsonl", "runs/train-001/checkpoints",
    "runs/train-001/best", "runs/train-001/alive.lock", "runs/train-001/tokens", "deleted", "chats",
)  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("what", ["file", "folder", "nothing", "pipe"])
def test_a_project_with_links_or_pipes_is_refused(project, tmp_path, name, what):
    yours = Yours.make(tmp_path / "yours")
    before = yours.state()
    add_training(project)
    targets = {"file": yours.startup, "folder": yours.folder, "nothing": tmp_path / "new"}
    if what == "pipe":
        put_odd(project.root / name, "pipe")
    else:
        put_link(project.root / name, targets[what])
    code = refused(lambda: Project.open(project.root))
    assert code == ("project.not_found" if name == "project.json" else "file.odd")
    assert yours.state() == before
    assert not (tmp_path / "new").exists()


def test_what_is_not_ours_may_be_a_link(project, tmp_path):
    """Models are often kept once and linked."""
    (project.root / "models").symlink_to(tmp_path)
    assert Project.open(project.root) == project


@pytest.mark.parametrize("name", ["", ".", "..", "../runs/train-001", "/etc", "nul", "a\0b"])
def test_a_name_that_leads_elsewhere_is_no_run(project, name):
    add_training(project)
    assert refused(lambda: project.run(name)) == "run.not_found"
    assert not project.has_run(name)
    assert refused(lambda: project.version_folder(name)) == "dataset.no_such_version"


def test_only_plain_folders_are_runs(project, tmp_path):
    add_training(project)
    (project.runs_folder / "train-002").symlink_to(tmp_path)
    (project.runs_folder / "train-003 ").mkdir()
    (project.runs_folder / "train-004").touch()
    assert [run.name for run in project.runs("train")] == ["train-001"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_nobody_else_can_look_at_the_examples(project, tmp_path):
    assert stat.S_IMODE(project.root.stat().st_mode) == 0o700
    for folder in (project.root, project.root / "data", project.runs_folder):
        folder.chmod(0o755)  # as it was made once
    project.lock().release()
    assert stat.S_IMODE((project.root / "data").stat().st_mode) == 0o750
    assert stat.S_IMODE(project.runs_folder.stat().st_mode) == 0o750


def test_a_project_name_is_one_short_line(project):
    project.update_info(name="a\n" * 10_000)
    assert len(project.name) <= 200
    assert "\n" not in project.name


def test_a_project_of_an_earlier_release_opens_with_all_that_is_in_it(tmp_path):
    """Made with the application before folders were looked at: trained, compared, rated, queued."""
    with zipfile.ZipFile(Path(__file__).with_name("project_of_format_1.zip")) as archive:
        archive.extractall(tmp_path / "old")
    project = Project.open(tmp_path / "old")
    state = load_state(project)
    assert (state.training_run, state.training_done, state.evaluated) == ("train-001", True, True)
    run = project.run("train-001")
    assert best_adapter(run).name == f"step-{list_fine_tunes([project.root])[0].steps:08d}"
    assert load_config(run.config_file).rank == 1
    assert training_params(run).dataset_version == state.dataset_version
    assert isinstance(read_events(run)[-1], Finished)
    version = DatasetVersion.load(project.version_folder(state.dataset_version))
    assert len(list(version.examples())) == sum(version.counts.values()) > 100
    with Draft(project.draft) as draft:
        assert len(draft) == 120
        assert len(draft.near_index().sketch) == 120
    assert [entry.state for entry in read_queue(project)] == [RunState.WAITING]
    pairs = pairs_from(read_evaluation(run).answers)
    with Ratings(project.ratings_file) as ratings:
        assert ratings.session(run.name, pairs).rated == 3
