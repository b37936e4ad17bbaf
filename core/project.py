"""The project folder and the run folder: the one module that knows their file names.

A project folder holds everything about one fine-tune but the base model::

    project.json            name and format version
    wizard.json             where the person is (core.wizard)
    ratings.sqlite          blind ratings (core.evaluation.ratings)
    queue.json              trainings that wait for their turn (core.jobs.queue)
    data/draft/             imported rows and findings, not yet accepted (core.data.draft)
    data/versions/HASH/     accepted dataset versions (core.data.dataset)
    runs/NAME/              one folder per job (RunFolder)
    deleted/NAME/           deleted trainings that can be brought back (core.bin)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.errors import UserFacingError
from core.files import explained_io, fsync_directory, make_folder, read_json, write_json

FORMAT_VERSION = 1
_OWNER_SECONDS = 0.05  # who only looks whether there is an owner holds the lock for a moment


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one job; it is the interface between the window and the child process."""

    root: Path

    @property
    def name(self) -> str:
        """The run's name, unique in its project."""
        return self.root.name

    @property
    def job_file(self) -> Path:
        """What to do: kind and parameters of the job (JSON)."""
        return self.root / "job.json"

    @property
    def events_file(self) -> Path:
        """What happened: one typed event a line (JSON Lines), appended by the child."""
        return self.root / "events.jsonl"

    @property
    def control_file(self) -> Path:
        """What the person asks for now: run, pause, stop or cancel (JSON), replaced atomically."""
        return self.root / "control.json"

    @property
    def lock_file(self) -> Path:
        """Held by the child for as long as it lives."""
        return self.root / "alive.lock"

    @property
    def pid_file(self) -> Path:
        """The child's process id, only to find it in the kernel's log."""
        return self.root / "pid"

    @property
    def log_file(self) -> Path:
        """Everything the child printed."""
        return self.root / "log.txt"

    @property
    def config_file(self) -> Path:
        """The training configuration (YAML)."""
        return self.root / "config.yaml"

    @property
    def environment_file(self) -> Path:
        """Versions, card and driver of the newest session of a training (JSON)."""
        return self.root / "environment.json"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints to resume from (core.training.checkpoint)."""
        return self.root / "checkpoints"

    @property
    def best(self) -> Path:
        """Holds the adapter with the lowest validation loss, in peft's format, by its step."""
        return self.root / "best"

    @property
    def tokens(self) -> Path:
        """Token tables of the dataset's parts (Arrow)."""
        return self.root / "tokens"

    @property
    def facts_file(self) -> Path:
        """What is known about a finished training: base, data, losses, time, energy (JSON)."""
        return self.root / "facts.json"

    @property
    def evaluation_file(self) -> Path:
        """Scores and answers of base and tuned model (JSON)."""
        return self.root / "evaluation.json"

    @property
    def learning_file(self) -> Path:
        """What the model will learn from, in figures (JSON; core.training.learning)."""
        return self.root / "learning.json"

    @property
    def learning_facts(self) -> Path:
        """The same for every example, as an array (numpy)."""
        return self.root / "learning.npy"

    @property
    def learning_texts(self) -> Path:
        """Some examples with the fate of each token (JSON Lines)."""
        return self.root / "learning.jsonl"

    @property
    def trial_file(self) -> Path:
        """What the short trial measured (JSON)."""
        return self.root / "trial.json"


@dataclass(frozen=True, slots=True)
class Project:
    """An opened project folder."""

    root: Path

    @classmethod
    def create(cls, root: Path, name: str = "") -> Project:
        """Make a new project in an empty or missing folder.

        Raises:
            UserFacingError: the folder holds other files, or may not be written to.
        """
        project = cls(root)
        with explained_io(root):
            make_folder(root)
            if any(root.iterdir()):
                raise UserFacingError(
                    "project.not_empty",
                    f"“{root}” already holds other files.",
                    "Choose an empty folder, or open the project that is in it.",
                )
            for folder in (project.draft, project.versions, project.runs_folder):
                make_folder(folder)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        info = {"format": FORMAT_VERSION, "name": name or root.name, "created": created}
        write_json(project.info_file, info)
        return project

    @classmethod
    def open(cls, root: Path) -> Project:
        """Open an existing project.

        Raises:
            UserFacingError: no project there, or one that a newer version made.
        """
        project = cls(root)
        if not project.info_file.is_file():
            raise UserFacingError(
                "project.not_found",
                f"There is no Homelab Tuner project in “{root}”.",
                "Choose the folder that holds “project.json”, or make a new project.",
            )
        version = project.info().get("format")
        if version != FORMAT_VERSION:
            raise UserFacingError(
                "project.newer_version",
                f"“{root.name}” has format {version}; this application reads {FORMAT_VERSION}.",
                "Open it with the newest Homelab Tuner.",
            )
        return project

    @classmethod
    def open_or_create(cls, root: Path) -> Project:
        """Open ``root`` if it is a project, else create one there."""
        return cls.open(root) if (root / "project.json").is_file() else cls.create(root)

    @classmethod
    def of_run(cls, run: RunFolder) -> Project:
        """Open the project that a run lies in, wherever the folder was carried to."""
        return cls.open(run.root.parent.parent)

    def info(self) -> dict[str, Any]:
        """Return the content of ``project.json``."""
        value = read_json(self.info_file)
        return value if isinstance(value, dict) else {}

    def update_info(self, **values: Any) -> None:
        """Change some entries of ``project.json``."""
        write_json(self.info_file, {**self.info(), **values})

    @property
    def name(self) -> str:
        """The name that the person gave."""
        return str(self.info().get("name", self.root.name))

    @property
    def info_file(self) -> Path:
        """Name, format version, creation time (JSON)."""
        return self.root / "project.json"

    @property
    def wizard_file(self) -> Path:
        """The saved wizard state (JSON)."""
        return self.root / "wizard.json"

    @property
    def ratings_file(self) -> Path:
        """Blind ratings (SQLite)."""
        return self.root / "ratings.sqlite"

    @property
    def queue_file(self) -> Path:
        """Trainings to run one after the other (JSON)."""
        return self.root / "queue.json"

    @property
    def queue_lock(self) -> Path:
        """Held for a moment by whoever edits the queue or takes its next training."""
        return self.root / ".queue.lock"

    @property
    def draft(self) -> Path:
        """Imported rows and findings that are not accepted yet."""
        return self.root / "data" / "draft"

    @property
    def versions(self) -> Path:
        """Accepted dataset versions, one folder each, named by content hash."""
        return self.root / "data" / "versions"

    @property
    def runs_folder(self) -> Path:
        """One folder for each job."""
        return self.root / "runs"

    @property
    def bin(self) -> Path:
        """Trainings that were deleted and can be brought back."""
        return self.root / "deleted"

    def lock(self) -> FileLock:
        """Take the project for writing; release it with ``.release()``.

        Raises:
            UserFacingError: another instance has this project open.
        """
        with explained_io(self.root):
            lock = FileLock(self.root / ".owner.lock")
            try:
                lock.acquire(timeout=_OWNER_SECONDS, poll_interval=0.01)
            except Timeout:
                raise UserFacingError(
                    "project.in_use",
                    f"“{self.name}” is open in another window of Homelab Tuner.",
                    "Use that window, or close it first.",
                ) from None
        return lock

    def new_run(self, kind: str) -> RunFolder:
        """Make the folder for a new job, named ``KIND-001``, ``KIND-002``, …"""
        with explained_io(self.runs_folder):
            make_folder(self.runs_folder)
            number = 1
            while True:
                folder = self.runs_folder / f"{kind}-{number:03d}"
                if (self.bin / folder.name).exists():  # it may come back
                    number += 1
                    continue
                try:
                    folder.mkdir()
                    fsync_directory(self.runs_folder)
                    return RunFolder(folder)
                except FileExistsError:
                    number += 1

    def run(self, name: str) -> RunFolder:
        """Return an existing run.

        Raises:
            UserFacingError: there is no such run.
        """
        folder = self.runs_folder / name
        if not name or Path(name).name != name or not folder.is_dir():
            raise UserFacingError(
                "run.not_found",
                f"This project has no run called “{name}”.",
                "Choose one of: " + (", ".join(r.name for r in self.runs()) or "none yet") + ".",
            )
        return RunFolder(folder)

    def runs(self, kind: str = "") -> Iterator[RunFolder]:
        """Yield the runs, oldest number first; ``kind`` keeps only one kind (``"train"``)."""
        if not self.runs_folder.is_dir():
            return
        for folder in sorted(self.runs_folder.iterdir()):
            if folder.is_dir() and folder.name.startswith(f"{kind}-" if kind else ""):
                yield RunFolder(folder)

    def latest_run(self, kind: str) -> RunFolder | None:
        """Return the newest run of a kind, or ``None``."""
        return max(self.runs(kind), key=lambda run: run.name, default=None)
