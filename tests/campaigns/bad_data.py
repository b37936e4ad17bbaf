"""Campaign of bad datasets: hostile files must end in rows, named problems or an explanation.

``python -m tests.campaigns.bad_data --cases 2000`` prints ``cases N, failures M`` last and keeps
the files that failed in ``build/campaigns/bad_data``. Files are read in a child process. A failure
is a traceback, a lost row, an unnamed bad line, a file written elsewhere, more than 500 MB of
memory, or more than 2 s of the processor; for a file of over 10 MB as much more as it is larger.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any

import psutil

from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.example import BadRow
from core.data.preparation import prepare
from core.data.report import draft_report
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.errors import UserFacingError
from tests.campaigns.bad_files import REFUSED, Case, cases, json_test_suite, naughty

MOST_MEGABYTES = 500
MOST_SECONDS = 2.0  # of the processor; what else the computer does cannot be the file's fault
_LARGE_BYTES = 10 << 20
_PATIENCE_SECONDS = 60.0  # for an answer; without it there is no telling what it took
_CASES_PER_CHILD = 200
_SAFETY_BYTES = 6 << 30
_STATUS = Path("/proc/self/status")


def look(path: Path, folder: Path) -> dict[str, Any]:
    """Scan and prepare one file; return what came of it as JSON."""
    try:
        scan([path], ScanOptions(), folder / "draft")
        with Draft(folder / "draft") as draft:
            report = draft_report(draft)
            items = [draft.row(number) for number in range(len(draft))]
            good = [item for item in items if not isinstance(item, BadRow)]
            result = {
                "rows_read": report.rows_read,
                "kept": report.kept,
                "dropped": report.dropped,
                "problems": [problem.model_dump(mode="json") for problem in report.problems],
                "malformed": report.findings["malformed_row"],
                "good": len(good),
                "texts": [item.answer for item in good[:2000]],
            }
            if report.kept:
                version = prepare(draft, Choices(), SplitOptions(), folder / "versions")
                receipt = version.receipt()
                result["receipt"] = [
                    receipt["read"],
                    receipt["kept"],
                    sum(receipt["dropped"].values()),
                ]
    except UserFacingError as error:
        return {"code": error.code, "explained": bool(error.what and error.todo)}
    except BaseException:
        return {"crash": traceback.format_exc()}
    return result


def child() -> None:
    """Read one path a line from the standard input, answer with one line of JSON each."""
    megabytes = _limited_memory()
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        began = _processor_seconds()
        result = look(path, path.parent / "work")
        result |= {"seconds": _processor_seconds() - began, "megabytes": megabytes()}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


def _processor_seconds() -> float:
    """What this process and those that it waited for have computed."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def allowed_seconds(size: int) -> float:
    """Return what a file of so many bytes may take of the processor."""
    return MOST_SECONDS * max(1.0, size / _LARGE_BYTES)


def _limited_memory() -> Callable[[], int]:
    """Keep a bomb from taking the whole computer; return what tells the highest use so far."""
    try:
        import resource
    except ImportError:  # Windows: no limit
        return lambda: psutil.Process().memory_info().peak_wset >> 20
    resource.setrlimit(resource.RLIMIT_AS, (_SAFETY_BYTES, _SAFETY_BYTES))
    if _STATUS.exists():  # what getrusage tells includes the parent before the child's start
        return lambda: int(re.search(r"VmHWM:\s*(\d+)", _STATUS.read_text())[1]) >> 10
    return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20


class Reader:
    """A child process that reads hostile files; a new one is started when it dies or is full."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._served = 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(self, path: Path) -> dict[str, Any]:
        """Return the child's answer, or what became of the child."""
        if self._child is None or self._served >= _CASES_PER_CHILD:
            self.end()
            self._start()
        assert self._child is not None
        assert self._child.stdin is not None
        self._served += 1
        with suppress(OSError):  # it died; the pump says so
            self._child.stdin.write(f"{path}\n")
            self._child.stdin.flush()
        try:
            answer = self._answers.get(timeout=_PATIENCE_SECONDS)
        except queue.Empty:
            self.end(kill=True)
            return {"crash": f"no answer for {_PATIENCE_SECONDS:.0f} s"}
        if not answer:
            code = self._child.wait()
            self.end()
            return {"crash": f"the process died with {code}"}
        result: dict[str, Any] = json.loads(answer)
        if result["megabytes"] > MOST_MEGABYTES:
            self.end()
        return result

    def _start(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "tests.campaigns.bad_data", "--child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._answers, self._served = queue.Queue(), 0
        threading.Thread(target=_pump, args=(self._child, self._answers), daemon=True).start()

    def end(self, *, kill: bool = False) -> None:
        """Let the child go."""
        if self._child is None:
            return
        if kill:
            self._child.kill()
        assert self._child.stdin is not None
        with suppress(OSError):
            self._child.stdin.close()
        self._child.wait()
        self._child = None


def _pump(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            answers.put(line)
    answers.put("")


def judge(case: Case, result: dict[str, Any], written: Iterable[str]) -> list[str]:
    """Return what is wrong with the outcome of ``case``."""
    if "crash" in result:
        return [result["crash"]]
    found = [] if result["megabytes"] <= MOST_MEGABYTES else [f"{result['megabytes']} MB"]
    if result["seconds"] > allowed_seconds(len(case.content)):
        found.append(f"{result['seconds']:.1f} s of the processor")
    if elsewhere := set(written) - {case.name, "work"}:
        found.append(f"written elsewhere: {elsewhere}")
    if "code" in result:
        expected_rows = case.good is not None or case.bad_lines or case.code not in ("", REFUSED)
        if expected_rows or not result["explained"]:
            found.append(f"refused: {result['code']}")
        return found
    if case.code == REFUSED:
        found.append("not refused")
    return found + list(_wrong_rows(case, result))


def _wrong_rows(case: Case, result: dict[str, Any]) -> Iterator[str]:
    read, problems = result["rows_read"], result["problems"]
    if result["kept"] + result["dropped"] != read or result["good"] + result["malformed"] != read:
        yield f"rows lost: {read} read, {result['kept']} kept, {result['dropped']} dropped"
    if "receipt" in result and (result["receipt"][0] != read or sum(result["receipt"][1:]) != read):
        yield f"the receipt does not add up: {result['receipt']}"
    if len(problems) != min(result["malformed"], 1000):
        yield f"{result['malformed']} bad rows, but {len(problems)} named"
    if not all(problem["line"] >= 1 and problem["reason"] for problem in problems):
        yield "a problem without line or reason"
    if missing := set(case.bad_lines) - {problem["line"] for problem in problems}:
        yield f"lines {sorted(missing)} are not named: {problems[:3]}"
    if case.good is not None and result["good"] != case.good:
        yield f"{result['good']} examples instead of {case.good}: {problems[:3]}"
    if missing_texts := set(case.texts) - set(result["texts"]):
        yield f"texts that did not come through: {sorted(missing_texts)[:3]}"


def run(
    wanted: Iterable[Case], keep: Path | None, tell: Any = lambda text: None
) -> tuple[int, int]:
    """Run cases; return how many there were and how many failed."""
    count, failed, worst = 0, 0, Counter[str]()
    with Reader() as reader:
        for count, case in enumerate(wanted, 1):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / case.name
                path.write_bytes(case.content)
                result = reader.ask(path)
                written = {p.name for p in Path(folder).iterdir()}
                findings = judge(case, result, written)
            for name in ("megabytes", "seconds"):
                worst[name] = max(worst[name], round(result.get(name, 0) * 10))
            if findings:
                failed += 1
                tell(f"{count} {case.kind}: {'; '.join(findings)[-600:]}\n")
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{count}-{case.name}").write_bytes(case.content[: 50 << 20])
    tell(f"most memory {worst['megabytes'] / 10} MB, longest {worst['seconds'] / 10} s\n")
    return count, failed


def main(arguments: list[str]) -> int:
    """Run the campaign as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--long-line-mb", type=int, default=100)
    parser.add_argument("--json-test-suite", type=Path)
    parser.add_argument("--naughty", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        child()
        return 0
    wanted = chain(
        json_test_suite(options.json_test_suite) if options.json_test_suite else (),
        naughty(options.naughty) if options.naughty else (),
        islice(cases(options.seed, options.long_line_mb << 20), options.cases),
    )
    count, failures = run(wanted, Path("build/campaigns/bad_data"), sys.stdout.write)
    sys.stdout.write(f"cases {count}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
