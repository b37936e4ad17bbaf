"""Campaign: a stranger's project is opened in the real window, and used in the terminal.

    python -m tests.campaigns.foreign_project --cases 200 [--seed N]

Each case takes a sound project, lets one to three attacks change it (links, pipes, foreign jobs,
queues, states, events, databases, configs, arrays, templates; drawn from the seed) and opens it in
a window process of its own, as the next start would. It is a failure when the window is not shown
after 5 seconds of the process's own time, when it needs more than 500 MB, dies or falls silent,
when a job was started, or when anything in the folder outside was changed, or the canary made. Then
the terminal resumes, evaluates, exports and lists the queue: a refusal in words is harmless.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from core.project import Project
from tests.campaigns.foreign_project_cases import ATTACKS
from tests.campaigns.forked_runs import Tally, command, dice
from tests.foreign_files import Yours

SECONDS = 5.0
MEGABYTES = 500
_WATCHED_SECONDS = 1.0  # so long the window lives on; a job would have begun
_PATIENCE = 90.0  # on a busy machine, by the clock
_OLD = Path(__file__).parents[1] / "core" / "project_of_format_1.zip"
_TERMINAL_SECONDS = 120

# Reports when it is shown, in seconds of its own processor time since its start, and its peak.
_WINDOW = """
import json, os, sys, time
report = sys.argv[1]
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from gui.app import open_window
from gui.desktop.garbage import GarbageCollection
from gui.wizard.session import Session
app = QApplication([])
garbage = GarbageCollection(app)  # as the application does, before any thread can collect
garbage.start()
imported = time.process_time()
bugs = []
window = open_window(app, Session())
hook = sys.excepthook
def note(kind, error, trace):
    bugs.append(f"{kind.__name__}: {error}"[:300])
sys.excepthook = note
while not window.isVisible() or window.windowHandle() is None:
    app.processEvents()
app.processEvents()
shown = time.process_time()
def end():
    with open("/proc/self/status") as stream:  # getrusage would count the parent's memory too
        peak = next(int(line.split()[1]) for line in stream if line.startswith("VmHWM")) / 1024
    step = window.page.step.value if window.page is not None and window.page.is_step() else ""
    said = window.message.what.text() if window.message.isVisible() else ""
    found = {"shown": shown, "opening": shown - imported, "peak": peak, "bugs": bugs,
             "step": step, "open": window.session.project is not None, "said": said[:200]}
    with open(report, "w") as stream:
        json.dump(found, stream)
    window.closing.leaving = True
    window.close()
    window.shut_down()
    garbage.end()
    app.quit()
QTimer.singleShot(int(1000 * float(sys.argv[2])), end)
app.exec()
"""


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Open ``options.cases`` hostile projects."""
    base = _sound_base(root)
    counts: dict[str, int] = {}
    slowest = highest = 0.0
    for number in range(options.cases):
        found = one_case(root, base, number, options.seed, terminal=number % options.every == 0)
        tally.cases += 1
        slowest, highest = max(slowest, found["shown"]), max(highest, found["peak"])
        counts[found["ended"]] = counts.get(found["ended"], 0) + 1
        if found["wrong"]:
            tally.fail(found["place"], "; ".join(found["wrong"]))
        else:
            shutil.rmtree(found["place"], ignore_errors=True)
    ends = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{ends}; slowest shown after {slowest:.2f} s of its own time, most {highest:.0f} MB"


def _sound_base(root: Path) -> Path:
    """A project as an earlier release left it, and a model folder for the templates."""
    base = root / "sound"
    shutil.unpack_archive(_OLD, base)
    make_model_folder(root / "base")
    return base


def make_model_folder(folder: Path) -> None:
    """A model folder that is good enough to be looked at."""
    from tests.core.models.folders import make_model

    make_model(folder, max_position_embeddings=2048)


def one_case(
    root: Path, base: Path, number: int, seed: int, *, terminal: bool = True
) -> dict[str, Any]:
    """Attack a copy of the project, open it, use it; return what was seen."""
    chance = dice(seed, number)
    place = root / f"case-{number:04d}"
    place.mkdir()
    shutil.copytree(base, place / "project")
    shutil.copytree(root / "base", place / "base")
    yours = Yours.make(place / "yours")
    project = Project(place / "project")
    chosen = [ATTACKS[number % len(ATTACKS)], *chance.sample(ATTACKS, chance.randrange(3))]
    for attack in chosen:
        _attack(attack, project, yours, chance)
    before, jobs = yours.state(), _started(project)
    found = open_in_window(place, project.root)
    wrong = list(found.pop("wrong"))
    if _started(project) != jobs:
        wrong.append(f"jobs were started: {sorted(_started(project) - jobs)}")
    if terminal and not wrong:
        wrong += use_in_terminal(place, project.root)
    if yours.state() != before:
        wrong.append("something outside was changed")
    if (place / "canary").exists() or Path("canary").exists():
        wrong.append("foreign code ran")
    wrong += _left_running(place)
    names = "+".join(attack.__name__ for attack in chosen)
    return (
        {**found, "place": f"{place} ({names})", "wrong": wrong}
        | {"place": place}
        | {"wrong": [f"{names}: {text}" for text in wrong]}
    )


def _attack(attack: Any, project: Project, yours: Yours, chance: Any) -> None:
    try:
        attack(project, yours, chance)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, MemoryError):
        return  # an earlier attack left nothing to change


def _started(project: Project) -> set[str]:
    """Names of the run folders in which a child was started, without following links."""
    found = set()
    folder = project.runs_folder
    if folder.is_symlink() or not folder.is_dir():
        return found
    for run in folder.iterdir():
        for name in ("log.txt", "pid", "alive.lock"):
            path = run / name
            if not run.is_symlink() and path.is_file() and not path.is_symlink():
                found.add(f"{run.name}/{name}/{path.stat().st_size}")
    return found


def open_in_window(place: Path, project: Path) -> dict[str, Any]:
    """Start the window with this project as the last one; return what it reports."""
    home = place / "home"
    home.mkdir(exist_ok=True)
    (home / "settings.json").write_text(json.dumps({"recent": [str(project)]}))
    report, log = place / "report.json", place / "window.log"
    environment = {**os.environ, "HOMELAB_TUNER_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", _WINDOW, str(report), str(_WATCHED_SECONDS)],
            stdout=stream, stderr=stream, env=environment, start_new_session=True,
        )  # fmt: skip
        code = _wait(process)
    found = {"shown": 0.0, "peak": 0.0, "ended": "died", "wrong": []}
    if code is None:
        return {**found, "ended": "hung", "wrong": ["the window hung"]}
    if code or not report.is_file():
        text = log.read_text(errors="replace")[-600:]
        return {**found, "wrong": [f"the window ended with {code}: {text}"]}
    told = json.loads(report.read_text())
    wrong = [f"bug: {text}" for text in told["bugs"]]
    if told["shown"] > SECONDS:
        wrong.append(f"shown after {told['shown']:.1f} s")
    if told["peak"] > MEGABYTES:
        wrong.append(f"{told['peak']:.0f} MB")
    if not told["open"] and not told["said"]:
        wrong.append("not opened, and nothing is said")
    ended = f"opened at {told['step']}" if told["open"] else "refused"
    return {"shown": told["shown"], "peak": told["peak"], "ended": ended, "wrong": wrong}


def _wait(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def use_in_terminal(place: Path, project: Path) -> list[str]:
    """Do in the terminal what a person might do with such a project; return what was wrong."""
    to = place / "exported"
    wrong = []
    for arguments in (
        ["queue", "--project", str(project)],
        ["train", "--resume", "--project", str(project)],
        ["evaluate", "--project", str(project), "--questions", "1"],
        ["export", "--project", str(project), "--to", str(to)],
    ):
        wrong += _command(place, arguments)
    return wrong


def _command(place: Path, arguments: list[str]) -> list[str]:
    log = place / f"{arguments[0]}.log"
    environment = {**os.environ, "HOMELAB_TUNER_HOME": str(place / "home")}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "gui", *arguments],
            stdout=stream, stderr=stream, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(_TERMINAL_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return [f"{arguments[0]} hung"]
    content = log.read_bytes()
    if code not in (0, 1) or b"Traceback" in content or b"Something unexpected" in content:
        return [f"{arguments[0]} ended with {code}: {content.decode(errors='replace')[-500:]}"]
    if b"\x1b]" in content or b"\x1b[2J" in content:
        return [f"{arguments[0]} steered the terminal"]
    return []


def _left_running(place: Path) -> list[str]:
    """Processes that still work in this case's folder; they are ended."""
    import psutil

    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if str(place) in line and process.pid != os.getpid():
            time.sleep(0.5)
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"left running: {line[:200]}")
                process.kill()
    return found


def main(arguments: list[str] | None = None) -> int:
    every = {"type": int, "default": 5, "help": "use one project in so many in the terminal too"}
    return command(__doc__, 200, run)(arguments, every=every)


if __name__ == "__main__":
    sys.exit(main())
