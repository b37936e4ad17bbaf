"""Campaign: the window is killed, ended, closed or logged out of while a training runs.

    python -m tests.campaigns.windows --cases 1000 [--seed N] [--keep DIR]

Each case opens the real window in a process of its own and lets it start a training in a child of
its own (one that trains nothing but tells everything). At a random moment the window goes, in one
of four ways. Then another window opens on the same project: it must find the training, follow it to
its end and hold the whole curve, each step once. Every third case stops the training there, and
nothing may be left running five seconds later (a minute later in a form of less than 100 cases,
which may run beside other work). The last line is ``cases N, failures M``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.config.training import TrainingConfig, save_config
from core.jobs import supervisor
from core.jobs.status import RunState, state_of
from core.jobs.supervisor import is_alive
from core.project import Project, RunFolder
from core.storage.files import write_json
from core.wizard import Step, WizardState, save_state
from gui.wizard.session import Session
from tests.foreign_files import BEHAVIOUR
from tests.gui.fake_training_child import TOTAL

WAYS = ("killed", "ended", "closed", "logged out")
_SIGNALS = {
    "killed": signal.SIGKILL,
    "ended": signal.SIGTERM,
    "closed": signal.SIGUSR1,
    "logged out": signal.SIGUSR2,
}
_PATIENCE_SECONDS = 120.0
_GONE_SECONDS = 60.0
_GONE_SOON_SECONDS = 5.0  # what the whole campaign measures
_WHOLE_CASES = 100
_STEP_SECONDS = 0.05
_BEGUN_SHARE = 0.7


@dataclass
class Campaign:
    """What happened so far."""

    root: Path
    gone_seconds: float = _GONE_SECONDS
    cases: int = 0
    reattached: int = 0
    ways: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    failures: list[str] = field(default_factory=list)


def prepare(root: Path) -> RunFolder:
    """Make a project whose window opens on a training that is ready to be started."""
    project = Project.create(root)
    run = project.new_run("train")
    save_config(TrainingConfig(), run.config_file)
    params = {"dataset_version": "x", "base_model": "x"}
    write_json(run.job_file, {"kind": "train", "params": params})
    write_json(run.root / BEHAVIOUR, {"seconds": _STEP_SECONDS})
    state = WizardState(
        current=Step.TRAINING,
        project_chosen=True,
        dataset_version="x",
        base_model="x",
        training_run=run.name,
    )
    save_state(project, state)
    return run


def fake_worker(folder: RunFolder) -> list[str]:
    return [sys.executable, "-m", "tests.gui.fake_training_child", str(folder.root)]


def in_fork(work: Callable[[], int]) -> int:
    """Run ``work`` in a process of its own; return that process's id."""
    child = os.fork()
    if child == 0:
        code = 70
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            code = work()
        finally:
            os._exit(code)
    return child


def show_window(root: Path, home: Path) -> int:
    """The first window: lives until it is made to go."""
    app, window = open_on(root, home)

    def log_out() -> None:
        window.closing.log_out()
        window.close()

    signal.signal(signal.SIGUSR1, lambda *_: window.close())
    signal.signal(signal.SIGUSR2, lambda *_: log_out())
    app.setQuitOnLastWindowClosed(True)
    return int(app.exec())


def open_on(root: Path, home: Path):  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QApplication

    from gui.app import open_window

    os.environ["HOMELAB_TUNER_HOME"] = str(home)
    app = QApplication([])
    session = Session()
    session.change_settings(when_closing="go_on", tray_told=True)
    session.open_project(root)
    session.start_next("train-001")  # as if you had just pressed the button
    return app, open_window(app, session)


def follow_to_end(root: Path, home: Path, stop: bool) -> int:
    """The second window: 0 when it saw everything, else a number that says what it missed."""
    app, window = open_on(root, home)
    page = window.page
    deadline = time.monotonic() + _PATIENCE_SECONDS
    asked = False
    while (page.is_busy() or page.view_model.ending is None) and time.monotonic() < deadline:
        app.processEvents()
        time.sleep(0.002)
        if stop and not asked and page.view_model.step > 0 and page.view.stop.isEnabled():
            page.view.stop.click()
            asked = True
    seen = list(page.view_model.raw.x)
    done = page.is_ready() and window.session.state.training_done
    window.shut_down()
    if page.view_model.ending is None:
        return 10
    if not done:
        return 11
    whole = len(seen) if asked else TOTAL
    return 0 if seen == [float(step) for step in range(1, whole + 1)] else 12


_MISSED = {
    0: "",
    10: "the training did not come to its end",
    11: "the end was not noticed",
    12: "the curve is not whole",
}


def one_case(campaign: Campaign, dice: random.Random) -> None:
    way = WAYS[campaign.cases % len(WAYS)]
    stop = campaign.cases % 3 == 2
    campaign.cases += 1
    campaign.ways[way] += 1
    root = campaign.root / f"case-{campaign.cases} ü 漢字"
    run = prepare(root)
    home = campaign.root / "home"
    window = in_fork(lambda: show_window(root, home))
    if dice.random() < _BEGUN_SHARE:
        wait_for_start(run)
    time.sleep(dice.uniform(0.0, 2.0))
    os.kill(window, _SIGNALS[way])
    if not gone(window):
        os.kill(window, signal.SIGKILL)
        os.waitpid(window, 0)
        fail(campaign, root, f"the window was not to be {way}")
    campaign.reattached += is_alive(run)
    second = in_fork(lambda: follow_to_end(root, home, stop))
    _, status = os.waitpid(second, 0)
    code = os.waitstatus_to_exitcode(status)
    if code:
        fail(campaign, root, f"{way}: {_MISSED.get(code, f'exit code {code}')}")
    elif not ended(run, stopped=stop, within=campaign.gone_seconds):
        fail(campaign, root, f"{way}: {state_of(run)} {campaign.gone_seconds:.0f} s after its end")
    else:
        shutil.rmtree(root)


def wait_for_start(run: RunFolder) -> None:
    """Most windows go while the training is under way, the others before or while it starts."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not run.events_file.exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def gone(process: int) -> bool:
    deadline = time.monotonic() + _GONE_SECONDS
    while time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0]:
            return True
        time.sleep(0.01)
    return False


def ended(run: RunFolder, *, stopped: bool, within: float) -> bool:
    """Whether nothing is left running ``within`` seconds after the end."""
    good = (RunState.DONE, RunState.STOPPED) if stopped else (RunState.DONE,)
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not is_alive(run):
            return state_of(run) in good
        time.sleep(0.02)
    return False


def fail(campaign: Campaign, root: Path, why: str) -> None:
    campaign.failures.append(f"{root}: {why}")
    sys.stdout.write(campaign.failures[-1] + "\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="folder for what failed")
    options = parser.parse_args(arguments)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    import gui.training.page  # noqa: F401 - imported once, before the forks

    supervisor.worker_command = fake_worker
    gone_seconds = _GONE_SOON_SECONDS if options.cases >= _WHOLE_CASES else _GONE_SECONDS
    campaign = Campaign(options.keep or Path(tempfile.mkdtemp(prefix="windows-")), gone_seconds)
    dice = random.Random(options.seed)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):  # cut short: what was counted is still told
        for _ in range(options.cases):
            one_case(campaign, dice)
    ways = ", ".join(f"{way} {count}" for way, count in campaign.ways.items())
    sys.stdout.write(
        f"{ways}; still training when the second window opened: {campaign.reattached}\n"
        f"cases {campaign.cases}, failures {len(campaign.failures)}\n"
    )
    if not campaign.failures and options.keep is None:
        shutil.rmtree(campaign.root)
    return bool(campaign.failures)


if __name__ == "__main__":
    sys.exit(main())
