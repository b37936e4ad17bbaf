"""What else goes on while the window is measured: a run that streams, and a download.

``busy(project)`` starts both as real child processes: one holds the lock of a training run of the
project and adds ten events a second to it, the other downloads a model from a hub on loopback,
slowly, through the application's own job.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.project import Project, RunFolder

EVENTS_A_SECOND = 10
_STEPS = 5_000  # that the run has behind it
_MODEL_BYTES = 400_000_000
_PATIENCE = {"silence": 60.0, "answer": 120.0, "least_rate": 1, "window": 60.0}
_PAUSE = 0.02  # seconds between the pieces of the download


@contextmanager
def busy(project: Project) -> Iterator[None]:
    """Let a run stream and a model be downloaded, until the block ends."""
    run = _run_of(project)
    command = [sys.executable, "-m", "tests.benchmarks.window_busy", str(run.root)]
    adder = subprocess.Popen(command)
    try:
        _wait(run.lock_file.exists)
        with _download():
            yield
    finally:
        (run.root / "enough").touch()
        adder.wait()


def _run_of(project: Project) -> RunFolder:
    from core.config.training import TrainingConfig, save_config
    from core.storage.files import write_json
    from core.wizard import load_state, save_state
    from tests.benchmarks.plot_stalls import lines

    run = project.new_run("train")
    save_config(TrainingConfig(), run.config_file)
    write_json(run.job_file, {"kind": "train", "params": {}})
    run.events_file.write_text(lines(1, _STEPS, 4 * _STEPS), encoding="utf-8")
    state = load_state(project)
    save_state(project, state.model_copy(update={"training_run": run.name}))
    return run


@contextmanager
def _download() -> Iterator[None]:
    import os

    from core.jobs.link import Request
    from core.models.hub.listing import read_listing
    from core.models.hub.reference import HubReference
    from tests.core.models.hub.conftest import begin, reach
    from tests.loopback_hub import loopback_hub, model_files

    with loopback_hub() as hub:
        os.environ["HF_ENDPOINT"] = hub.url
        files = model_files()
        files["model.safetensors"] += bytes(_MODEL_BYTES)
        hub.add("a/large", files)
        with reach(hub, **_PATIENCE) as connection:
            listing = read_listing(connection, HubReference("a/large"))
        hub.pace = _PAUSE
        job = begin(hub, listing, **_PATIENCE)
        try:
            yield
        finally:
            job.ask(Request.CANCEL)
            list(job.follow())


def _wait(happens: object, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not happens() and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.05)


def stream(folder: Path) -> None:
    """The child: hold the run's lock and add events until the file “enough” is there."""
    from filelock import FileLock

    from tests.benchmarks.plot_stalls import lines

    run, step = RunFolder(folder), _STEPS
    with FileLock(run.lock_file), run.events_file.open("a", encoding="utf-8") as events:
        while not (folder / "enough").exists():
            step += 1
            events.write(lines(step, 1, 4 * _STEPS))  # a step and a reading of the card
            events.flush()
            time.sleep(2 / EVENTS_A_SECOND)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    stream(parser.parse_args().folder)
