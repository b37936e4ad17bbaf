"""What is written while the power fails, and what must be there afterwards.

Each scene writes with the product's own functions while a recorder looks on, promises what the
product has told to be saved, and judges a state that the power cut left.
"""

from __future__ import annotations

import os
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import orjson

from core.chat.tokens import build_table
from core.data.cleaning import Choices
from core.data.dataset import PARTS, DatasetVersion
from core.data.draft import Draft, ScanOptions, has_draft
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.data.versions.revision import leave_out
from core.errors import UserFacingError
from core.evaluation.rating.ratings import AnswerPair, Ratings
from core.events import CheckpointSaved, Event, Finished
from core.hardware.system.energy import Range
from core.jobs.link import JobLink
from core.models.loading import load_tokenizer
from core.project import Project, RunFolder
from core.queue import entries
from core.settings import Settings, load_settings, save_settings, settings_file
from core.storage.files import read_json, write_json
from core.storage.transaction import verify_folder
from core.training.checkpoints.checkpoint import StepFolders, read_position
from core.wizard import Step, give, load_state, save_state
from tests.campaigns.forgetful_disk import Recorder
from tests.campaigns.forked_runs import ForkedRuns, is_finished, result
from tests.models import write_numbers

Promises = list[list[Any]]


class Scene(Protocol):
    """Something that is written, and how it is judged."""

    def start(self, root: Path, log: Path) -> int:
        """Start a child that records; return its process id."""

    def judge(self, root: Path, promises: Promises, *, deep: bool) -> Iterator[str]:
        """Yield what is wrong with a state that was left."""


def record_in_child(
    root: Path, log: Path, prepare_folder: Callable[[], object], work: Callable[[Recorder], object]
) -> int:
    """Fork; the child prepares, then works while all that it writes is recorded."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            prepare_folder()
            recorder = Recorder(root, log)
            recorder.install()
            work(recorder)
            code = 0
        except BaseException:
            traceback.print_exc()  # nobody else would tell
        finally:
            os._exit(code)
    return child


def _last(promises: Promises, kind: str) -> Any:
    return next((value for name, value in reversed(promises) if name == kind), None)


def _home(root: Path) -> None:
    os.environ["HOMELAB_TUNER_HOME"] = str(root / "home")


@dataclass(frozen=True)
class SmallFiles:
    """Preferences, a new project, the wizard's state, runs that are made, and the queue."""

    def start(self, root: Path, log: Path) -> int:
        return record_in_child(root, log, root.mkdir, lambda recorder: self._write(root, recorder))

    def _write(self, root: Path, recorder: Recorder) -> None:
        _home(root)
        project = Project.create(root / "projects" / "one")
        recorder.promise("project", project.name)
        state = load_state(project)
        for number in range(4):
            settings = Settings(text_scale=1 + number / 8, recent=("x" * 300 * number,))
            save_settings(settings)
            recorder.promise("settings", number)
            state = give(state, base_model=f"base {number}").model_copy(
                update={"page": {Step.START: {"note": "y" * 500 * number}}}
            )
            save_state(project, state)
            recorder.promise("state", number)
            run = project.new_run("train")
            write_json(run.job_file, {"kind": "train", "params": {"number": number}})
            entries.add(project, run, f"Title {number}", Range(1.0, 2.0), None)
            recorder.promise("queue", number)

    def judge(self, root: Path, promises: Promises, *, deep: bool) -> Iterator[str]:
        _home(root)
        yield from self._settings(_last(promises, "settings"))
        if _last(promises, "project") is None and not (root / "projects/one/project.json").exists():
            return
        project = Project.open(root / "projects" / "one")
        if project.name != "one":
            yield "the project has lost its name"
        yield from self._state(project, _last(promises, "state"))
        yield from self._queue(project, _last(promises, "queue"))

    def _settings(self, promised: int | None) -> Iterator[str]:
        there = settings_file().exists()
        scale = load_settings().text_scale
        if there and not settings_file().exists():
            yield "the preferences were damaged"
        if promised is not None and not (there and scale >= 1 + promised / 8):
            yield f"preferences {promised} are gone"

    def _state(self, project: Project, promised: int | None) -> Iterator[str]:
        if project.wizard_file.exists():
            read_json(project.wizard_file)  # damage is not hidden
        name = load_state(project).base_model
        if promised is not None and (not name or int(name.split()[1]) < promised):
            yield f"wizard state {promised} is gone: {name!r}"

    def _queue(self, project: Project, promised: int | None) -> Iterator[str]:
        if project.queue_file.exists():
            read_json(project.queue_file)
        items = entries.load_queue(project)
        wanted = 0 if promised is None else promised + 1
        if [item.title for item in items][:wanted] != [f"Title {n}" for n in range(wanted)]:
            yield f"{wanted} trainings were queued, these are left: {items}"
        for number, item in enumerate(items[:wanted]):
            if read_json(project.run(item.run).job_file)["params"] != {"number": number}:
                yield f"another job in {item.run}"


_PAIRS = [AnswerPair(f"question {n}", "base", "tuned") for n in range(6)]


@dataclass(frozen=True)
class RatedBlindly:
    """Blind ratings. SQLite syncs by itself at each commit, unless it was told not to."""

    def start(self, root: Path, log: Path) -> int:
        return record_in_child(root, log, root.mkdir, lambda recorder: self._write(root, recorder))

    def _write(self, root: Path, recorder: Recorder) -> None:
        with Ratings(root / "ratings.sqlite") as ratings:
            session = ratings.session("train-001", _PAIRS, seed=1)
            syncs = ratings._database.rows("PRAGMA synchronous")[0][0] == 2
            self._synced(root, recorder, really=syncs)
            for number in range(len(_PAIRS)):
                question = session.next_question()
                assert question is not None
                session.rate(question, "a", {"a": {"correctness": 3}})
                recorder.look()
                self._synced(root, recorder, really=syncs)
                recorder.promise("ratings", number + 1)

    def _synced(self, root: Path, recorder: Recorder, *, really: bool) -> None:
        for path in [*root.glob("ratings.sqlite*"), root] if really else []:
            recorder.synced(path)

    def judge(self, root: Path, promises: Promises, *, deep: bool) -> Iterator[str]:
        promised = _last(promises, "ratings") or 0
        with Ratings(root / "ratings.sqlite") as ratings:
            session = ratings.latest("train-001")
            rated = session.rated if session else 0
        with sqlite3.connect(root / "ratings.sqlite") as connection:
            (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        connection.close()
        if sound != "ok":
            yield f"the ratings are damaged: {sound}"
        if rated < promised:
            yield f"{promised} ratings were stored, {rated} are left"


@dataclass(frozen=True)
class Prepared:
    """Two drafts, two dataset versions, and one with some examples left out."""

    def start(self, root: Path, log: Path) -> int:
        return record_in_child(
            root, log, lambda: self._files(root), lambda recorder: self._write(root, recorder)
        )

    def _files(self, root: Path) -> None:
        root.mkdir()
        for count in (20, 30):
            write_numbers(root / f"{count}.jsonl", count)

    def _write(self, root: Path, recorder: Recorder) -> None:
        data = root / "project" / "data"
        for count in (20, 30):
            scan([root / f"{count}.jsonl"], ScanOptions(), data / "draft")
            recorder.promise("draft", count)
            with Draft(data / "draft") as draft:
                version = prepare(draft, Choices(), SplitOptions(), data / "versions")
            recorder.promise("version", version.folder.name)
        version = leave_out(version, {1: "too long"}, data / "versions")
        recorder.promise("version", version.folder.name)

    def judge(self, root: Path, promises: Promises, *, deep: bool) -> Iterator[str]:
        data = root / "project" / "data"
        yield from self._draft(data / "draft", _last(promises, "draft"))
        found = set()
        for folder in (data / "versions").glob("[0-9a-f]*"):
            verify_folder(folder)
            version = DatasetVersion.load(folder)
            found.add(folder.name)
            if sum(1 for _ in version.lines()) != sum(version.counts.values()):
                yield f"version {folder.name} is half"
        for kind, name in promises:
            if kind == "version" and name not in found:
                yield f"version {name} is gone"

    def _draft(self, folder: Path, promised: int | None) -> Iterator[str]:
        if not has_draft(folder):
            if promised is not None:
                yield "the draft is gone"
            return
        with Draft(folder) as draft:
            rows = [orjson.loads(draft.line(number)) for number in range(len(draft))]
            draft.near_index()
        if len(rows) != draft.summary.rows or len(rows) < (promised or 0):
            yield f"{len(rows)} rows of {draft.summary.rows} in the draft"


@dataclass(frozen=True)
class Tokenised:
    """The token tables of a training, which a resumed one reads again."""

    forks: ForkedRuns

    def start(self, root: Path, log: Path) -> int:
        return record_in_child(root, log, root.mkdir, lambda recorder: self._write(root, recorder))

    def _write(self, root: Path, recorder: Recorder) -> None:
        tokenizer = load_tokenizer(Path(self.forks.params.base_model))
        versions = self.forks.project.versions
        version = DatasetVersion.load(versions / self.forks.params.dataset_version)
        for part in PARTS[:2]:
            path = root / "run" / "tokens" / f"{part}.arrow"
            build_table(tokenizer, version.examples(part), 64, path)
            recorder.promise(part, version.counts[part])

    def judge(self, root: Path, promises: Promises, *, deep: bool) -> Iterator[str]:
        for part in PARTS[:2]:
            path = root / "run" / "tokens" / f"{part}.arrow"
            promised = _last(promises, part)
            if path.exists():
                rows = len(build_table(cast(Any, None), (), 64, path))
                if rows == 0 or (promised and rows != promised):
                    yield f"{rows} rows in the table of {part}"
            elif promised:
                yield f"the table of {part} is gone"


@dataclass
class Trained:
    """A real training: checkpoints, the best adapter, its facts. A deep look resumes it."""

    forks: ForkedRuns
    folder: RunFolder = field(init=False)

    def start(self, root: Path, log: Path) -> int:
        project = Project.create(root / "project")
        self.folder = project.new_run("train")
        made = self.forks.new_run()
        for path in (made.config_file, made.job_file):
            (self.folder.root / path.name).write_bytes(path.read_bytes())

        def before() -> None:
            recorder = Recorder(root, log)
            recorder.install()
            real = JobLink.emit

            def emit(link: JobLink, event: Event) -> None:
                if isinstance(event, CheckpointSaved):
                    recorder.promise("checkpoint", event.step)
                if isinstance(event, Finished):
                    recorder.promise("facts", True)
                real(link, event)

            JobLink.emit = emit  # type: ignore[method-assign]

        return self.forks.fork(self.folder, before)

    def judge(self, root: Path, promises: Promises, *, deep: bool) -> Iterator[str]:
        run = RunFolder(root / "project" / "runs" / self.folder.name)
        promised = _last(promises, "checkpoint")
        whole = next(StepFolders(run.checkpoints).newest_whole(), None)
        if promised is not None and (whole is None or whole[0] < promised):
            yield f"checkpoint {promised} was announced, whole is {whole}"
        if whole is not None:
            best = read_position(whole[1]).best_step
            if best >= 0:
                verify_folder(StepFolders(run.best).path(best))
        if run.facts_file.exists():
            read_json(run.facts_file)
        elif _last(promises, "facts"):
            yield "the facts of the finished training are gone"
        if deep:
            self.forks.wait(self.forks.fork(run))
            if not is_finished(run):
                yield "the resumed training did not finish"
            elif result(run) != self.forks.expected:
                yield "the resumed training learned something else"


@dataclass(frozen=True)
class Exported:
    """The adapter folder of a finished training. Its proof writes elsewhere and is left out."""

    forks: ForkedRuns

    def start(self, root: Path, log: Path) -> int:
        return record_in_child(root, log, root.mkdir, lambda recorder: self._write(root, recorder))

    def _write(self, root: Path, recorder: Recorder) -> None:
        from core.export import job
        from core.export.proof import Proof
        from core.jobs.spec import ExportParams

        job.prove = lambda *_: Proof(0.0, "", ended_by_itself=True, speed=1.0)
        trained = next(run for run in self.forks.project.runs("train") if is_finished(run))
        target = root / "exports" / "mine" / "adapter"
        params = ExportParams(run=trained.name, to=str(target))
        folder = self.forks.project.new_run("export")
        with JobLink(folder) as link:
            job.run_export(folder, params, link)
        recorder.promise("export", True)

    def judge(self, root: Path, promises: Promises, *, deep: bool) -> Iterator[str]:
        folder = root / "exports" / "mine" / "adapter"
        if folder.exists():
            verify_folder(folder)
        elif promises:
            yield "the export is gone"


def wrong_with(scene: Scene, root: Path, promises: Promises, *, deep: bool) -> list[str]:
    """Return what is wrong with a state; an error while it is read is, too."""
    try:
        return list(scene.judge(root, promises, deep=deep))
    except (UserFacingError, OSError, ValueError, KeyError, EOFError) as error:
        return [f"{type(error).__name__}: {error}"]
