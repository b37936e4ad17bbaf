import pytest

from core.data.cleaning import Choices
from core.data.dataset import versions
from core.data.draft import has_draft
from core.data.findings.kinds import Action, Kind
from core.data.jobs import reporter
from core.jobs.events import Failed, Finished, Progress
from core.jobs.link import Cancelled, JobLink, Request
from core.jobs.supervisor import Supervisor
from core.project import RunFolder
from tests.core.data.examples import clean_pairs, instruction_rows, write_jsonl


def run(folder, kind, params, request=None):
    """Run a job in a real child and return its events."""
    run_folder = RunFolder(folder)
    run_folder.root.mkdir(parents=True)
    supervisor = Supervisor(run_folder)
    supervisor.start(kind, params)
    if request is not None:
        supervisor.ask(request)
    return list(supervisor.follow())


@pytest.fixture
def rows(tmp_path):
    rows = instruction_rows(clean_pairs(80, 5))
    rows[7] = rows[3]
    return write_jsonl(tmp_path / "größe 🙂.jsonl", rows)


def test_scan_and_prepare_in_real_children(tmp_path, rows):
    draft_dir, versions_dir = tmp_path / "draft", tmp_path / "versions"
    events = run(tmp_path / "one", "scan", {"paths": [str(rows)], "draft_dir": str(draft_dir)})
    finished = events[-1]
    assert isinstance(finished, Finished), finished
    assert finished.result["rows_read"] == 80
    assert finished.result["findings"]["exact_duplicate"] == 1
    assert {e.phase for e in events if isinstance(e, Progress)} >= {"Reading and checking"}
    choices = Choices().with_action(Kind.EXACT_DUPLICATE, Action.IGNORE)
    params = {
        "draft_dir": str(draft_dir),
        "versions_dir": str(versions_dir),
        "choices": choices.model_dump(mode="json"),
        "split": {"seed": 3},
    }
    finished = run(tmp_path / "two", "prepare", params)[-1]
    assert isinstance(finished, Finished), finished
    assert finished.result["kept"] == 80
    (version,) = versions(versions_dir)
    assert version.content_hash == finished.result["content_hash"]
    assert version.meta.seed == 3


def test_a_failing_scan_says_why(tmp_path):
    params = {"paths": [str(tmp_path / "gone.json")], "draft_dir": str(tmp_path / "draft")}
    failed = run(tmp_path / "run", "scan", params)[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "file.missing"
    assert not has_draft(tmp_path / "draft")


def test_a_cancelled_scan_leaves_nothing(tmp_path, rows):
    params = {"paths": [str(rows)], "draft_dir": str(tmp_path / "draft")}
    events = run(tmp_path / "run", "scan", params, Request.CANCEL)
    assert isinstance(events[-1], Finished)
    assert not has_draft(tmp_path / "draft")
    assert not list((tmp_path / "draft").glob("scan-*"))


def test_the_reporter_tells_phases_at_once_and_notices_a_cancel(tmp_path):
    folder = RunFolder(tmp_path)
    supervisor = Supervisor(folder)
    supervisor.ask(Request.RUN)
    with JobLink(folder) as link:
        report = reporter(link, "rows")
        for done in range(1000):
            report("Reading", done, 0)
        report("Comparing", 0, 24)
        supervisor.ask(Request.CANCEL)
        with pytest.raises(Cancelled):
            report("Splitting", 0, 0)
    supervisor.attach()
    phases = [e.phase for e in supervisor._tail.new_events() if isinstance(e, Progress)]
    assert phases.count("Reading") < 20
    assert list(dict.fromkeys(phases)) == ["Reading", "Comparing", "Splitting"]
