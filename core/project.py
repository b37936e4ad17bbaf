"""The project folder and the run folder: the one module that knows their file names.

A project folder holds everything about one fine-tune but the base model::

    project.json            name and format version
    wizard.json             where you are (core.wizard)
    questions.json          your own questions (core.evaluation.own_questions)
    ratings.sqlite          blind ratings (core.evaluation.rating.ratings)
    use.sqlite              what was asked of the fine-tunes (core.serving.use.record)
    queue.json              runs that wait for their turn (core.queue.entries)
    queue_removed.json      the one that was taken out last
    chats/                  conversations with the models (core.conversations)
    data/draft/             imported rows and findings, not yet accepted (core.data.draft)
    data/versions/HASH/     accepted dataset versions (core.data.dataset)
    runs/NAME/              one folder per job (RunFolder)
    deleted/NAME/           deleted runs that can be restored (core.bin)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.errors import UserFacingError
from core.language import _
from core.storage.files import explained_io, fsync_directory, make_folder, read_json, write_json
from core.storage.names import is_name
from core.storage.ordinary import (
    is_ordinary_file,
    is_ordinary_folder,
    keep_from_strangers,
    make_private_folder,
    require_ordinary,
)

FORMAT_VERSION = 1
_LONGEST_NAME = 200
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
        """What is asked for now: run, pause, stop or cancel (JSON), replaced atomically."""
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
        """Versions, card and driver of the newest session of a run (JSON)."""
        return self.root / "environment.json"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints to resume from (core.training.checkpoints.checkpoint)."""
        return self.root / "checkpoints"

    @property
    def best(self) -> Path:
        """Holds the adapter with the lowest validation loss, in peft's format, by its step."""
        return self.root / "best"

    @property
    def tokens(self) -> Path:
        """Token tables of the dataset's parts (Arrow)."""
        return self.root / "tokens"

    def token_table(self, part: str, process: int = 0) -> Path:
        """The token table of one part of the dataset; each process writes its own."""
        own = f"-{process}" if process else ""
        return self.tokens / f"{part}{own}.arrow"

    @property
    def facts_file(self) -> Path:
        """What is known about a finished training: base, data, losses, time, energy (JSON)."""
        return self.root / "facts.json"

    @property
    def judgements_file(self) -> Path:
        """What a run learns that was judged (JSON Lines; core.training.preferences)."""
        return self.root / "judgements.jsonl"

    @property
    def reference_file(self) -> Path:
        """How likely the judged answers were where such a run began (JSON)."""
        return self.root / "reference.json"

    @property
    def evaluation_file(self) -> Path:
        """Scores and answers of base and tuned model (JSON)."""
        return self.root / "evaluation.json"

    @property
    def about_file(self) -> Path:
        """What you call the fine-tune, your notes, whether it is archived (JSON)."""
        return self.root / "about.json"

    @property
    def label_preview_file(self) -> Path:
        """What the model will learn from, in figures (JSON; core.chat.label_preview)."""
        return self.root / "learning.json"

    @property
    def label_preview_facts(self) -> Path:
        """The same for every example, as an array (numpy)."""
        return self.root / "learning.npy"

    @property
    def label_preview_texts(self) -> Path:
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
                    _("“{folder}” already holds other files.", folder=str(root)),
                    _("Choose an empty folder, or open the project that is in it."),
                )
            make_private_folder(root)  # examples are nobody else's business
            for folder in (project.draft, project.versions, project.runs_folder):
                make_folder(folder)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        info = {"format": FORMAT_VERSION, "name": name or root.name, "created": created}
        write_json(project.info_file, info)
        return project

    @classmethod
    def open(cls, root: Path) -> Project:
        """Open an existing project, which may come from elsewhere.

        Raises:
            UserFacingError: no project there, one that a newer version made, or one that holds
                links, pipes or devices (code ``file.odd``).
        """
        project = cls(root)
        if not is_ordinary_file(project.info_file):
            raise UserFacingError(
                "project.not_found",
                _("There is no Homelab Tuner project in “{folder}”.", folder=str(root)),
                _("Choose the folder that holds “project.json”, or create a project."),
            )
        project.require_ordinary()
        version = project.info().get("format")
        if version != FORMAT_VERSION:
            raise UserFacingError(
                "project.newer_version",
                _(
                    "“{project}” has format {found}. This application reads format {known}.",
                    project=root.name,
                    found=str(version),
                    known=str(FORMAT_VERSION),
                ),
                _("Open it with the newest version of Homelab Tuner."),
            )
        return project

    @classmethod
    def open_or_create(cls, root: Path) -> Project:
        """Open ``root`` if it is a project, else create one there."""
        return cls.open(root) if is_ordinary_file(root / "project.json") else cls.create(root)

    @classmethod
    def of_run(cls, run: RunFolder) -> Project:
        """Open the project that a run lies in, wherever the folder was carried to."""
        return cls.open(run.root.parent.parent)

    def require_ordinary(self) -> None:
        """Look at everything that this application reads or writes in the project.

        Raises:
            UserFacingError: something is a link, a pipe, a socket or a device.
        """
        own = [self.info_file, self.wizard_file, self.queue_file, self.queue_lock, self.owner_lock]
        own += [self.own_questions_file]
        for database in (self.ratings_file.name, self.use_file.name):
            own += [self.root / f"{database}{end}" for end in ("", "-wal", "-shm", "-journal")]
        own += [self.root / "data", self.runs_folder, self.bin, self.chats]
        with explained_io(self.root):
            require_ordinary(own)

    def info(self) -> dict[str, Any]:
        """Return the content of ``project.json``."""
        value = read_json(self.info_file)
        return value if isinstance(value, dict) else {}

    def update_info(self, **values: Any) -> None:
        """Change some entries of ``project.json``."""
        write_json(self.info_file, {**self.info(), **values})

    @property
    def name(self) -> str:
        """The name that was given."""
        words = str(self.info().get("name", self.root.name)).split()
        return " ".join(words)[:_LONGEST_NAME]

    @property
    def info_file(self) -> Path:
        """Name, format version, creation time (JSON)."""
        return self.root / "project.json"

    @property
    def wizard_file(self) -> Path:
        """The saved wizard state (JSON)."""
        return self.root / "wizard.json"

    @property
    def own_questions_file(self) -> Path:
        """Questions of your own, asked in every comparison (JSON)."""
        return self.root / "questions.json"

    @property
    def ratings_file(self) -> Path:
        """Blind ratings (SQLite)."""
        return self.root / "ratings.sqlite"

    @property
    def use_file(self) -> Path:
        """What was asked of the fine-tunes in daily use, if that is recorded (SQLite)."""
        return self.root / "use.sqlite"

    @property
    def queue_file(self) -> Path:
        """Runs to train one after the other (JSON)."""
        return self.root / "queue.json"

    @property
    def queue_lock(self) -> Path:
        """Held for a moment while the queue is edited or its next run is taken."""
        return self.root / ".queue.lock"

    @property
    def owner_lock(self) -> Path:
        """Held while the project is open for writing."""
        return self.root / ".owner.lock"

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
    def queue_removed(self) -> Path:
        """What was taken out of the queue last (JSON), so that it can be put back."""
        return self.root / "queue_removed.json"

    @property
    def chats(self) -> Path:
        """Conversations, one file each (JSON)."""
        return self.root / "chats"

    @property
    def bin(self) -> Path:
        """Runs that were deleted and can be restored."""
        return self.root / "deleted"

    def lock(self) -> FileLock:
        """Take the project for writing; release it with ``.release()``.

        Raises:
            UserFacingError: another instance has this project open.
        """
        with explained_io(self.root):
            lock = FileLock(self.owner_lock)
            try:
                lock.acquire(timeout=_OWNER_SECONDS, poll_interval=0.01)
            except Timeout:
                raise UserFacingError(
                    "project.in_use",
                    _("“{project}” is open in another window of Homelab Tuner.", project=self.name),
                    _("Use that window, or close it first."),
                ) from None
        with suppress(OSError):  # of projects that were made before this was done at once
            for folder in (self.root / "data", self.runs_folder):
                keep_from_strangers(folder)
        return lock

    def version_folder(self, name: str) -> Path:
        """Return the folder of a dataset version, whether or not there is one.

        Raises:
            UserFacingError: ``name`` cannot be the name of one.
        """
        if not is_name(name):
            raise UserFacingError(
                "dataset.no_such_version",
                _("This project has no dataset version called “{name}”.", name=name[:100]),
                _("Go back to Examples and accept them again."),
            )
        return self.versions / name

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
        if not self.has_run(name):
            names = [run.name for run in self.runs()]
            raise UserFacingError(
                "run.not_found",
                _("This project has no run called “{name}”.", name=name[:100]),
                _("Choose one of: {names}.", names=", ".join(names))
                if names
                else _("It has no runs yet."),
            )
        return RunFolder(self.runs_folder / name)

    def has_run(self, name: str) -> bool:
        """Return whether there is a run of this name."""
        return is_name(name) and is_ordinary_folder(self.runs_folder / name)

    def runs(self, kind: str = "") -> Iterator[RunFolder]:
        """Yield the runs, oldest number first; ``kind`` keeps only one kind (``"train"``)."""
        if not is_ordinary_folder(self.runs_folder):
            return
        begin = f"{kind}-" if kind else ""
        for name in sorted(folder.name for folder in self.runs_folder.iterdir()):
            if name.startswith(begin) and self.has_run(name):
                yield RunFolder(self.runs_folder / name)

    def latest_run(self, kind: str) -> RunFolder | None:
        """Return the newest run of a kind, or ``None``."""
        return max(self.runs(kind), key=lambda run: run.name, default=None)
