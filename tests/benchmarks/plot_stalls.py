"""How long the window is blocked by the plots of a very long training.

``python -m tests.benchmarks.plot_stalls [--steps 100000] [--seconds 20]`` opens the real window on
a run of so many steps (with readings of the card and checks), while a child process goes on adding
to it, and meanwhile zooms, points at values, changes what is plotted and compares with another run
of the same length. An event loop that is asked every 5 ms says how late it is. Prints the longest
stall of each phase, and beside it the longest work of the window's own thread, which other programs
on the machine cannot lengthen; fails when a stall is 100 ms or more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.config.training import TrainingConfig, save_config
from core.events import Started, Telemetry, TrainStep, Validation, to_line
from core.project import Project, RunFolder

TARGET_SECONDS = 0.1
_TICK_MS = 5
_CHECK_EVERY = 250
_ADDED_A_SECOND = 200


def lines(first: int, count: int, total: int) -> str:
    """Return the events of steps ``first`` to ``first + count - 1``."""
    made = [to_line(Started(job="train", resumed_from_step=0))] if first == 1 else []
    for step in range(first, first + count):
        made.append(
            to_line(
                TrainStep(
                    step=step,
                    total_steps=total,
                    epoch=3 * step / total,
                    loss=0.6 + 2 / (1 + step / 500) + (step * 7919 % 97) / 400,
                    learning_rate=5e-5,
                    grad_norm=0.7 + (step * 31 % 11) / 30,
                    tokens=4096 - step % 300,
                    trained_tokens=1900,
                    seconds=1.0,
                    seconds_left=float(total - step),
                    rows=tuple(range(step % 500, step % 500 + 32)),
                    at=float(step),
                )
            )
        )
        made.append(to_line(reading(step)))
        if step % _CHECK_EVERY == 0:
            loss = 0.7 + 2 / (1 + step / 500)
            made.append(to_line(Validation(step=step, epoch=0, loss=loss, is_best=True, at=step)))
    return "".join(made)


def reading(step: int) -> Telemetry:
    """Return a reading of a card."""
    return Telemetry(
        at=float(step),
        card="a card",
        temperature=70.0 + step % 12,
        slowdown_at=84.0,
        power=300.0 + step % 40,
        power_limit=350.0,
        energy=300.0 * step,
        memory_used=2**34,
        memory_total=2**35,
    )


def prepare(root: Path, steps: int) -> Project:
    """Make a project with two runs of ``steps`` steps."""
    from core.storage.files import write_json
    from core.wizard import Step, WizardState, save_state

    project = Project.create(root / "project")
    for _ in range(2):
        run = project.new_run("train")
        save_config(TrainingConfig(), run.config_file)
        write_json(run.job_file, {"kind": "train", "params": {}})
        run.events_file.write_text(lines(1, steps, 2 * steps), encoding="utf-8")
    state = WizardState(
        project_chosen=True, dataset_version="x", base_model="x", training_run="train-002"
    )
    save_state(project, state.model_copy(update={"current": Step.TRAINING}))
    return project


def add(folder: Path, first: int, total: int) -> None:
    """The child: hold the run's lock and add steps until the file “enough” is there."""
    from filelock import FileLock

    run = RunFolder(folder)
    with FileLock(run.lock_file), run.events_file.open("a", encoding="utf-8") as stream:
        while not (folder / "enough").exists():
            stream.write(lines(first, _ADDED_A_SECOND // 20, total))
            stream.flush()
            first += _ADDED_A_SECOND // 20
            time.sleep(0.05)


class Ticks:
    """Asks the event loop every 5 ms; ``phase`` names what happens meanwhile."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.phase = "opening"
        self.worst: dict[str, float] = {}
        self.work: dict[str, float] = {}
        self._last = time.perf_counter()
        self._worked = time.thread_time()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)

    def _tick(self) -> None:
        now = time.perf_counter()
        late = max(0.0, now - self._last - _TICK_MS / 1000)
        self.worst[self.phase] = max(self.worst.get(self.phase, 0.0), late)
        self._last = now
        worked = time.thread_time()
        self.work[self.phase] = max(self.work.get(self.phase, 0.0), worked - self._worked)
        self._worked = worked


def measure(project: Project, steps: int, seconds: float) -> Ticks:
    """Return the longest stall of each phase."""
    from PySide6.QtWidgets import QApplication

    from gui.app import open_window
    from gui.wizard.session import Session

    app = QApplication([])
    session = Session()
    session.change_settings(when_closing="go_on")
    session.open_project(project.root)
    window = open_window(app, session)
    page = window.page
    ticks = Ticks()

    def live(phase: str, condition: Callable[[], bool]) -> None:
        ticks.phase = phase
        deadline = time.monotonic() + 300
        while not condition() and time.monotonic() < deadline:
            app.processEvents()
            time.sleep(0.001)

    def for_seconds(phase: str, count: float) -> None:
        until = time.monotonic() + count
        live(phase, lambda: time.monotonic() > until)

    live("reading the history", lambda: page.view_model.step >= steps)
    for_seconds("following", seconds / 4)
    chart = page.view.plots.losses.chart
    for number in range(20):
        chart.view_range.zoom(0.8, steps / 3)
        chart.refresh()
        chart.point_at(steps / 3 + number)
        for_seconds("zooming", seconds / 80)
    chart.zoom_reset()
    for key in ("power", "speed", "learning_rate", "grad_norm"):
        page.view.plots.other.choose(key)
        page.draw()
        for_seconds("other measures", seconds / 16)
    page.view.plots.picker.actions_by_name()["train-001"].trigger()
    live("comparing", lambda: "train-001" in page.view.plots._others.stories)
    for_seconds("comparing", seconds / 4)
    window.shut_down()
    return ticks


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--add", type=Path, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.add:
        add(options.add, options.steps + 1, 2 * options.steps)
        return 0
    if not os.environ.get("DISPLAY"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="plot-stalls-") as folder:
        os.environ["HOMELAB_TUNER_HOME"] = str(Path(folder) / "home")
        project = prepare(Path(folder), options.steps)
        run = project.run("train-002").root
        command = [sys.executable, "-m", "tests.benchmarks.plot_stalls", "--add", str(run)]
        adder = subprocess.Popen([*command, "--steps", str(options.steps)])
        while not RunFolder(run).lock_file.exists():
            time.sleep(0.05)
        try:
            ticks = measure(project, options.steps, options.seconds)
        finally:
            (run / "enough").touch()
            adder.wait()
    for phase, late in ticks.worst.items():
        sys.stdout.write(
            f"{phase}: longest stall {1000 * late:.0f} ms, longest work of the window's own thread "
            f"{1000 * ticks.work[phase]:.0f} ms\n"
        )
    longest = max(ticks.worst.values())
    sys.stdout.write(
        f"{options.steps} steps: longest stall {1000 * longest:.0f} ms; target below 100 ms\n"
    )
    return 0 if longest < TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
