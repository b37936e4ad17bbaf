"""A million rows: how long until a dataset version is written, and near copies beside a library.

``python -m tests.benchmarks.million_rows [--rows N] [FILE…]`` makes N rows out of the files (the
sample's, if none is named) by copying, changing and mixing their answers, then

1. looks for near copies in a tenth of them with this application (true similarity verified) and
   with rensa's own one-shot search (estimates, not verified), rows per second side by side;
2. reads, checks, splits and writes all of them; prints the time of each phase, rows per second and
   the most memory that all processes held together. Processor seconds tell how far other programs
   disturbed: undisturbed, two cores do nearly two in a second.

It fails when the target (3 minutes and 2 GB on two cores for a million rows) is missed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
import psutil
import rensa

from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.example import Example
from core.data.findings.near import shingles
from core.data.findings.near.components import singletons
from core.data.findings.near.copies import NearIndex, unite_near
from core.data.preparation import prepare
from core.data.readers import inspect_sources, read
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.sample_project import EXAMPLES

SECONDS_FOR_A_MILLION = 180.0
MEMORY = 2e9
THRESHOLD = 0.8


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def made_rows(files: list[Path], count: int) -> Iterator[tuple[str, str]]:
    """Yield questions and answers: two in five as they are, the rest changed or mixed."""
    dice = random.Random(1)
    known = [(e.question, e.answer) for e in read(inspect_sources(files)) if isinstance(e, Example)]
    for number in range(count):
        question, answer = dice.choice(known)
        kind = dice.random()
        words = answer.split(" ")
        if kind < 0.4:
            other = dice.choice(known)[1].split(" ")
            mixed = (
                words[: dice.randrange(len(words)) + 1] + other[dice.randrange(len(other) + 1) :]
            )
            question, answer = f"{question} ({number})", " ".join([*mixed, f"v{number}"])
        elif kind < 0.6:
            words[dice.randrange(len(words))] = f"x{number}"
            answer = " ".join(words)
        yield question, answer


def write_rows(path: Path, files: list[Path], count: int) -> None:
    with path.open("wb") as stream:
        for question, answer in made_rows(files, count):
            row = {"question": question, "answer": answer}
            stream.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def own_search(texts: list[list[str]]) -> int:
    """Return how many rows are near copies of earlier ones, each verified."""
    made = shingles.Shingler().shingles(texts)
    signature = shingles.signatures(made)
    index = NearIndex(made, signature.astype(np.uint8), shingles.band_keys(signature))
    labels = singletons(len(texts))
    unite_near(index, np.arange(len(texts)), labels, THRESHOLD, lambda _done, _all: None)
    return int((labels != np.arange(len(texts))).sum())


def library_search(texts: list[list[str]]) -> int:
    """Return how many rows rensa takes for duplicates, by its estimate."""
    pairs = [[f"{a} {b}" for a, b in itertools.pairwise(t)] or t for t in texts]
    matrix = rensa.RMinHash.digest_matrix_from_token_sets(pairs, shingles.PERMUTATIONS, 42)
    search = rensa.RMinHashLSH(THRESHOLD, shingles.PERMUTATIONS, shingles.BANDS)
    return sum(search.query_duplicate_flags_matrix_one_shot(matrix))


def compare_searches(files: list[Path], count: int) -> None:
    texts = [shingles.words_of(f"{q} {a}".lower()) for q, a in made_rows(files, count)]
    for name, search in (
        ("this application, verified", own_search),
        ("rensa, estimated", library_search),
    ):
        began = time.perf_counter()
        found = search(texts)
        seconds = time.perf_counter() - began
        say(f"near copies, {name}: {count / seconds:,.0f} rows/s ({found:,} rows flagged)")


class MemoryWatch(threading.Thread):
    """The most memory that this process and its children held together, in bytes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._stop_now = threading.Event()

    def run(self) -> None:
        me = psutil.Process()
        while not self._stop_now.wait(0.3):
            try:
                family = [me, *me.children(recursive=True)]
                self.peak = max(self.peak, sum(p.memory_full_info().uss for p in family))
            except psutil.Error:
                continue

    def stop(self) -> int:
        self._stop_now.set()
        self.join()
        return self.peak


class Phases:
    """Says when a new phase begins."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self._phase = ""

    def __call__(self, phase: str, _done: int, _total: int) -> None:
        if phase != self._phase:
            self._phase = phase
            say(f"  {time.perf_counter() - self.began:6.1f} s  {phase}")


def whole_way(path: Path, folder: Path) -> tuple[float, int]:
    """Prepare ``path``; return seconds and bytes."""
    watch, phases = MemoryWatch(), Phases()
    watch.start()
    summary = scan([path], ScanOptions(), folder / "draft", phases)
    with Draft(folder / "draft") as draft:
        version = prepare(draft, Choices(), SplitOptions(), folder / "versions", phases)
    seconds = time.perf_counter() - phases.began
    say(f"  {summary.rows:,} rows read, {sum(version.counts.values()):,} kept")
    return seconds, watch.stop()


def main(arguments: list[str]) -> int:
    """Measure and print; fail when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[EXAMPLES])
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    compare_searches(options.files, max(1000, options.rows // 10))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rows.jsonl"
        write_rows(path, options.files, options.rows)
        before = sum(os.times()[:4])
        seconds, memory = whole_way(path, Path(name))
    speed = options.rows / seconds
    allowed = SECONDS_FOR_A_MILLION * options.rows / 1_000_000
    work = sum(os.times()[:4]) - before
    say(
        f"{seconds:.1f} s, {speed:,.0f} rows/s, {memory / 1e9:.2f} GB, {work:.0f} processor seconds"
    )
    say(f"target for so many rows: {allowed:.0f} s, {MEMORY / 1e9:.0f} GB")
    return 0 if seconds <= allowed and memory <= MEMORY else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
