"""Does a built application work? ``python packaging/selftest.py PATH_TO_EXECUTABLE [--full]``.

Starts it as a person's computer would, without the sources: the hardware report, a worker, the
window on an invisible screen and, with ``--full``, the sample project from file to adapter.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_SECONDS = 120
_FULL_SECONDS = 1800
_WINDOW_SECONDS = 30.0  # a first start reads everything from the disk
_OPEN_SECONDS = 2.0


class Failure(Exception):  # noqa: N818 - a finding, reported in one line
    """What did not work."""


def _environment(home: Path) -> dict[str, str]:
    """A fresh person: no Python variables of this shell, own folders, an invisible screen."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    own = {"HOMELAB_TUNER_HOME": str(home), "TMPDIR": str(home), "QT_QPA_PLATFORM": "offscreen"}
    return kept | own


def _run(
    command: list[str], home: Path, seconds: float = _SECONDS
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        timeout=seconds,
        env=_environment(home),
        cwd=home,
        encoding="utf-8",
        errors="replace",
    )


def check_doctor(application: list[str], home: Path) -> str:
    """The hardware report is one JSON document."""
    done = _run([*application, "doctor", "--json"], home)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise Failure(f"doctor: exit {done.returncode}, {done.stderr[-2000:]}") from None
    return f"doctor tells {', '.join(sorted(report))}"


def check_worker(application: list[str], home: Path) -> str:
    """A child starts, reads its job, and ends with an event that says why it cannot do it."""
    folder = home / "Läufe 漢字" / "run-001"
    folder.mkdir(parents=True)
    (folder / "job.json").write_text('{"kind": "selftest", "params": {}}', encoding="utf-8")
    began = time.monotonic()
    done = _run([*application, "--worker", str(folder)], home)
    events = [json.loads(line) for line in _lines(folder / "events.jsonl")]
    kinds = [event["kind"] for event in events]
    if kinds != ["failed"] or events[-1]["code"] != "job.unknown":
        raise Failure(f"worker: exit {done.returncode}, events {events}, {done.stderr[-2000:]}")
    return f"a worker starts and ends in {time.monotonic() - began:.1f} s"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def check_window(application: list[str], home: Path) -> str:
    """The window comes up, stays open, and shows no fault."""
    began = time.monotonic()
    with (home / "said.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(application, env=_environment(home), stderr=said, cwd=home)
        try:
            up_after = _wait_for_window(process, home, began)
            time.sleep(_OPEN_SECONDS)
            code = process.poll()
        finally:
            process.terminate()
            process.wait(30)
        said.seek(0)
        text = said.read()
    if code is not None or "Traceback" in text:
        raise Failure(f"window: closed with {code}, {text[-2000:]}")
    return f"the window is up after {up_after:.1f} s and stays open"


def _wait_for_window(process: subprocess.Popen[bytes], home: Path, began: float) -> float:
    """Return the seconds until the window listens for second starts (a socket in ``home``)."""
    while time.monotonic() - began < _WINDOW_SECONDS and process.poll() is None:
        if os.name == "nt" or any(path.is_socket() for path in home.iterdir()):
            break
        time.sleep(0.01)
    return time.monotonic() - began


def check_sample(application: list[str], home: Path) -> str:
    """The sample project, shortened to a few steps, from raw file to exported adapter."""
    project = home / "Beispiel ü"
    began = time.monotonic()
    command = [*application, "sample", "--project", str(project), "--steps", "2"]
    done = _run(command, home, _FULL_SECONDS)
    if done.returncode != 0 or not list(project.rglob("adapter_model.safetensors")):
        logs = sorted(project.rglob("log.txt"), key=lambda path: path.stat().st_mtime)
        said = logs[-1].read_text(encoding="utf-8")[-3000:] if logs else done.stdout[-1000:]
        raise Failure(f"sample: exit {done.returncode}, {said}{done.stderr[-1000:]}")
    return f"the sample project ends with an adapter after {time.monotonic() - began:.0f} s"


def run_selftest(application: list[str], *, full: bool = False) -> int:
    """Run the checks and say each result; return 0 when all passed."""
    checks: list[Callable[[list[str], Path], str]] = [check_doctor, check_worker, check_window]
    if full:
        checks.append(check_sample)
    if Path(application[0]).exists():
        application = [str(Path(application[0]).resolve()), *application[1:]]
    failed = 0
    for check in checks:
        with tempfile.TemporaryDirectory(prefix="homelab tuner ü ") as folder:
            try:
                sys.stdout.write(f"ok: {check(application, Path(folder))}\n")
            except (Failure, OSError, subprocess.TimeoutExpired) as finding:
                failed += 1
                sys.stdout.write(f"FAILED {check.__name__}: {finding}\n")
        sys.stdout.flush()
    return 1 if failed else 0


def main() -> int:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also run the sample project")
    text = "the executable, and its first arguments"
    parser.add_argument("application", nargs=argparse.REMAINDER, help=text)
    options = parser.parse_args()
    if not options.application:
        parser.error("name the executable")
    return run_selftest(options.application, full=options.full)


if __name__ == "__main__":
    sys.exit(main())
