import pytest

from core.data.cleaning import Choices
from core.data.dataset import versions
from core.data.draft import has_draft
from core.data.findings.kinds import Action, Kind
from core.data.jobs import reporter
from core.data.spec import PrepareParams, ScanParams
from core.data.splitting import SplitOptions
from core.events import Failed, Finished, Progress
from core.jobs.link import Cancelled, JobLink, Request
from core.jobs.supervisor import Supervisor
from core.project import Project, RunFolder
from tests.core.data.examples import clean_pairs, instruction_rows, write_jsonl
from tests.foreign_files import Yours


def run(project, params, request=None):
    """Run a job in a real child and return its events."""
    supervisor = Supervisor(project.new_run(params.kind))
    supervisor.start(params)
    if request is not None:
        supervisor.ask(request)
    return list(supervisor.follow())


def with_more(params, values):
    """Return parameters that are written down with more values than they have."""

    class More(type(params)):
        def values(self):
            return {**super().values(), **values}

    return More.model_validate(dict(params))


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "project")


@pytest.fixture
def rows(tmp_path):
    rows = instruction_rows(clean_pairs(80, 5))
    rows[7] = rows[3]
    return write_jsonl(tmp_path / "größe 🙂.jsonl", rows)


def test_scan_and_prepare_in_real_children(project, rows):
    events = run(project, ScanParams(paths=[str(rows)]))
    finished = events[-1]
    assert isinstance(finished, Finished), finished
    assert finished.result.rows_read == 80
    assert finished.result.findings["exact_duplicate"] == 1
    assert {e.phase for e in events if isinstance(e, Progress)} >= {"Reading and checking"}
    choices = Choices().with_action(Kind.EXACT_DUPLICATE, Action.IGNORE)
    finished = run(project, PrepareParams(choices=choices, split=SplitOptions(seed=3)))[-1]
    assert isinstance(finished, Finished), finished
    assert finished.result.kept == 80
    (version,) = versions(project.versions)
    assert version.content_hash == finished.result.content_hash
    assert version.meta.seed == 3


def test_a_failing_scan_says_why(project, tmp_path):
    failed = run(project, ScanParams(paths=[str(tmp_path / "gone.json")]))[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "file.missing"
    assert not has_draft(project.draft)


def test_a_cancelled_scan_leaves_nothing(project, rows):
    events = run(project, ScanParams(paths=[str(rows)]), Request.CANCEL)
    assert isinstance(events[-1], Finished)
    assert not has_draft(project.draft)
    assert not list(project.draft.glob("scan-*"))


def test_no_job_writes_or_deletes_where_its_parameters_say(project, rows, tmp_path):
    """A scan was once told where its draft is, and deleted what was called ``scan-*`` there."""
    yours = Yours.make(tmp_path / "yours")
    before = yours.state()
    places = {"draft_dir": str(yours.folder), "versions_dir": str(yours.folder)}
    assert isinstance(run(project, with_more(ScanParams(paths=[str(rows)]), places))[-1], Finished)
    assert isinstance(run(project, with_more(PrepareParams(), places))[-1], Finished)
    assert yours.state() == before
    assert has_draft(project.draft)
    assert len(versions(project.versions)) == 1


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
