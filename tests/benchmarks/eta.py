"""How well the time that is left is told, on the sample project: after 20 steps, after a resume.

``python -m tests.benchmarks.eta --steps 60`` trains twice with a sample answer at each validation:
once to the end, and once killed in the middle and resumed. Each line compares a told time with what
it then took, in per cent; the aim is within 15.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.actions.examples import prepare_sample
from core.actions.state import dataset_folder
from core.commands.terminal import run_job
from core.config.training import TrainingConfig, save_config
from core.events import Event, Finished, Started, TrainStep
from core.jobs.supervisor import Supervisor
from core.project import Project, RunFolder
from core.sample_project import open_sample
from core.storage.files import write_json
from tests.models import kept_sample_model


def new_run(project: Project, config: TrainingConfig, base: Path) -> RunFolder:
    """Return a run folder that is ready to train."""
    run = project.new_run("train")
    save_config(config, run.config_file)
    params = {"dataset_version": dataset_folder(project).name, "base_model": str(base)}
    write_json(run.job_file, {"kind": "train", "params": params})
    return run


def child(run: RunFolder, kill_after: int = 0) -> list[Event]:
    """Train in a child to its end, or until it is killed after a step; return its events."""
    supervisor = Supervisor(run)
    supervisor.take_up()
    told: list[Event] = []
    for event in supervisor.follow():
        if isinstance(event, Started) and event.resumed_from_step is None:
            told.clear()  # an earlier child of the same run
        told.append(event)
        if kill_after and isinstance(event, TrainStep) and event.step >= kill_after:
            os.kill(int(run.pid_file.read_text(encoding="utf-8")), signal.SIGKILL)
            kill_after = 0
    return told


def errors(events: list[Event]) -> Iterator[tuple[int, float, float]]:
    """Yield of each step of a child: its number there, what was told and what it took (s)."""
    end = next(event.at for event in reversed(events) if isinstance(event, Finished))
    steps = [event for event in events if isinstance(event, TrainStep)]
    for number, step in enumerate(steps, 1):
        if step.seconds_left is not None:
            yield number, step.seconds_left, end - step.at


def table(name: str, events: list[Event]) -> list[str]:
    """Return one line for the first told time, and for each tenth step."""
    rows = list(errors(events))
    chosen = [row for row in rows if row is rows[0] or row[0] % 10 == 0]
    return [
        f"{name:10} step {number:4}: told {told:7.1f} s, took {took:7.1f} s, "
        f"{100 * (told / max(took, 1e-9) - 1):+6.1f} %"
        for number, told, took in chosen
    ]


def main(arguments: list[str]) -> int:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--base", type=Path, help="a model folder instead of the sample model")
    options = parser.parse_args(arguments)
    values: dict[str, Any] = {
        "max_steps": options.steps, "effective_batch": options.batch, "epochs": 100.0,
        "patience_epochs": 0.0, "checkpoint_minutes": 1.0, "max_length": 1024,
    }  # fmt: skip
    work = Path(tempfile.mkdtemp())
    try:
        project = open_sample(work / "sample")
        prepare_sample(project, run_job=run_job)
        config, base = TrainingConfig(**values), options.base or kept_sample_model()
        lines = table("whole", child(new_run(project, config, base)))
        run = new_run(project, config, base)
        child(run, kill_after=options.steps // 2)
        lines += table("resumed", child(run))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
