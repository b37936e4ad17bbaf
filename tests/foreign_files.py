"""What somebody else may put into a folder that you open, and a place of yours that must stay."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.config.training import TrainingConfig, save_config
from core.project import Project, RunFolder
from core.storage.files import write_json

SECRET = "hunter2\n"
BEHAVIOUR = "behaviour.json"
"""Beside a job, how its fake child shall behave; a job's own parameters are checked."""


@dataclass(frozen=True)
class Yours:
    """A folder outside the project, with files that nothing may read, change or delete."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Yours:
        """Fill the folder with things that attackers like."""
        folder.mkdir(parents=True)
        yours = cls(folder)
        yours.startup.write_text(SECRET)
        for name in ("scan-holiday", "step-00000001", "train-001", ".staging-photos"):
            (folder / name).mkdir()
            (folder / name / "photo.jpg").write_text(SECRET)
        return yours

    @property
    def startup(self) -> Path:
        """A file that a shell would run."""
        return self.folder / ".profile"

    def state(self) -> str:
        """Return a hash of everything that is there."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            found = path.lstat()
            digest.update(f"{path} {found.st_mode} {found.st_size} {found.st_mtime_ns}".encode())
            if path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()


def make_fifo(path: Path) -> None:
    """A pipe: whoever opens it as a file waits for ever."""
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    """A socket under this name (short paths only, so it is made elsewhere and moved)."""
    made = Path(f"/tmp/stranger-{os.getpid()}.socket")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(made))
    shutil.move(made, path)


ODD: dict[str, Callable[[Path], None]] = {
    "pipe": make_fifo,
    "socket": make_socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": lambda path: path.mkdir(),
}
"""What is no file, by name; each makes it in the place of one."""


def put_odd(path: Path, kind: str) -> None:
    """Replace a file by something odd."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    ODD[kind](path)


def put_link(path: Path, target: Path) -> None:
    """Replace a file or folder by a link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def add_training(project: Project, **params: object) -> RunFolder:
    """Make a training that was prepared but has not begun."""
    run = project.new_run("train")
    save_config(TrainingConfig(), run.config_file)
    known = {"dataset_version": "0" * 32, "base_model": "/nowhere/model"}
    write_json(run.job_file, {"kind": "train", "params": {**known, **params}})
    return run
