"""Campaign: bugs are planted into the product, and the tests must notice each.

    python -m tests.campaigns.bugs [--promise NAME] [--cases N] [--only TEXT]

The checkout is copied to a folder of its own. There the tests that are named for the bugs are run
once without any; then one bug after the other is planted and the tests named for it are run until
the first fails. A bug that all of them survive is a failure; so are a place in the source that has
changed, tests that do not run or that fail without the bug, and tests that hang.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from tests.campaigns.forked_runs import Tally
from tests.campaigns.planted_bugs import ALL, BY_PROMISE, Bug

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("core", "gui", "resources", "tests", "packaging", "pyproject.toml", "README.md")
_LINKED = ("build", ".venv")  # models that were made once, and what the tests start
_PATIENCE_SECONDS = 600.0
_PASSED, _FAILED = 0, 1  # pytest's exit codes; others mean that it could not test


class Outcome(StrEnum):
    """What became of a planted bug."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    HUNG = "hung"
    UNTESTED = "could not be tested"


class Copy:
    """A copy of the checkout in which bugs are planted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copyfile(source, root / name)
        for name in _LINKED:
            if (ROOT / name).exists():
                (root / name).symlink_to((ROOT / name).resolve())

    @contextmanager
    def planted(self, bug: Bug) -> Iterator[None]:
        """Plant a bug, and take it out again."""
        path = self.root / bug.file
        before = path.read_text(encoding="utf-8")
        path.write_text(bug.planted_in(before), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(before, encoding="utf-8")

    def test(
        self, tests: Sequence[str], patience: float = _PATIENCE_SECONDS
    ) -> tuple[int | None, str]:
        """Run tests until the first failure; return pytest's exit code and its last lines.

        The code is ``None`` where they hang.
        """
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        environment = {**os.environ, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                [*command, *tests],
                cwd=self.root,
                env=environment,
                capture_output=True,
                text=True,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, "\n".join(done.stdout.splitlines()[-4:])


def outcome_of(copy: Copy, bug: Bug) -> tuple[Outcome, str]:
    """Plant a bug and return what became of it, with the last words of the tests."""
    try:
        with copy.planted(bug):
            code, said = copy.test(bug.tests)
    except (OSError, ValueError) as error:
        return Outcome.UNTESTED, str(error)
    named = {None: Outcome.HUNG, _PASSED: Outcome.SURVIVED, _FAILED: Outcome.NOTICED}
    return named.get(code, Outcome.UNTESTED), said


def run(bugs: Sequence[Bug], root: Path, tally: Tally) -> None:
    """Plant ``bugs`` one after the other in a copy at ``root``."""
    copy = Copy(root)
    all_tests = list(dict.fromkeys(test for bug in bugs for test in bug.tests))
    code, said = copy.test(all_tests, _PATIENCE_SECONDS * len(bugs))
    if code != _PASSED:
        tally.cases += 1
        tally.fail("without a bug", f"the tests end with {code}: {said}")
        return
    for bug in bugs:
        began = time.monotonic()
        outcome, said = outcome_of(copy, bug)
        tally.cases += 1
        if outcome is not Outcome.NOTICED:
            tally.fail(bug.name, f"{outcome}: {said}")
        sys.stdout.write(f"{outcome} ({time.monotonic() - began:.0f} s): {bug.name}\n")
        sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--promise", choices=list(BY_PROMISE), default=None)
    parser.add_argument("--cases", type=int, default=len(ALL))
    parser.add_argument("--only", default="", help="a part of their names or files")
    options = parser.parse_args(arguments)
    chosen = BY_PROMISE[options.promise] if options.promise else ALL
    chosen = tuple(bug for bug in chosen if options.only in bug.name + bug.file)[: options.cases]
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="bugs-") as folder:
        run(chosen, Path(folder), tally)
    sys.stdout.write(f"cases {tally.cases}, failures {len(tally.failures)}\n")
    return bool(tally.failures)


if __name__ == "__main__":
    sys.exit(main())
