"""Campaign of planted faults: random sets of examples with known faults of every kind.

``python -m tests.campaigns.planted --cases 500`` prints, for each kind, the share of planted faults
that were found and the share of other rows that were flagged, and last ``cases N, failures M``. A
set fails when a fault was missed, when more than 1 % of its other rows were flagged with some kind,
when rows are lost, or when a copy, near copy or question ends up in two parts.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
from tests.campaigns import faults
from tests.campaigns.faults import Row
from tests.core.data.examples import INNOCENT, clean_pair, crossings

MOST_FALSE_ALARMS = 0.01
_THRESHOLD = 0.8
Writer = Callable[[Path, list[Row]], Path]


@dataclass
class Tally:
    """Counts over all sets, by kind."""

    planted: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    others: Counter[Kind] = field(default_factory=Counter)
    alarms: Counter[Kind] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """Return a table."""
        rows = [f"{'kind':<16} {'planted':>8} {'found':>8} {'other rows':>11} {'false alarms':>13}"]
        for kind in Kind:
            share = self.found[kind] / max(1, self.planted[kind])
            false = self.alarms[kind] / max(1, self.others[kind])
            rows.append(
                f"{kind.value:<16} {self.planted[kind]:>8} {share:>8.2%} {self.others[kind]:>11}"
                f" {false:>13.3%}"
            )
        return rows


def make_set(seed: int) -> tuple[list[Row], str]:
    """Return rows in their order in the file, and the shape they are to be written in."""
    rng = random.Random(seed)
    shape = rng.choice(["instruction", "messages", "messages", "sharegpt", "csv", "json"])
    rows = [Row(*clean_pair(rng)) for _ in range(rng.randint(120, 220))]
    unique = {row.question: row for row in rows}
    innocent = rng.sample(INNOCENT, 15)
    rows = [*unique.values(), *(Row(question, answer) for question, answer in innocent)]
    victims = [row for row in unique.values() if len(row.answer) > 60]
    rng.shuffle(victims)
    kinds = [kind for kind in Kind if kind in faults.PLANTS and faults.fits(kind, shape)]
    for kind in rng.sample(kinds, rng.randint(len(kinds) // 2, len(kinds))):
        for _ in range(rng.randint(1, 2)):
            rows += faults.PLANTS[kind](rng, victims.pop())
    rng.shuffle(rows)
    faults.settle(rows)
    return rows, shape


def write_set(folder: Path, rows: list[Row], shape: str) -> Path:
    """Write ``rows`` in ``shape``; one line or element each."""
    if shape == "csv":
        path = folder / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["question", "answer"])
            writer.writerows(row.cells() for row in rows)
        return path
    values = [row.raw or json.dumps(row.value(shape), ensure_ascii=False) for row in rows]
    if shape == "json":
        path = folder / "rows.json"
        path.write_text("[\n" + ",\n".join(values) + "\n]", encoding="utf-8")
        return path
    path = folder / "rows.jsonl"
    path.write_text("\n".join(values) + "\n", encoding="utf-8")
    return path


def run_case(seed: int, tally: Tally) -> list[str]:
    """Scan and prepare one set; return what is wrong."""
    rows, shape = make_set(seed)
    folder = Path(tempfile.mkdtemp())
    try:
        path = write_set(folder, rows, shape)
        scan([path], ScanOptions(), folder / "draft")
        with Draft(folder / "draft") as draft:
            found = _compare(rows, draft, tally)
            return found + _split_faults(draft, folder)
    finally:
        shutil.rmtree(folder)


def _compare(rows: list[Row], draft: Draft, tally: Tally) -> list[str]:
    if len(draft) != len(rows):
        return [f"{len(rows)} rows were written, {len(draft)} read"]
    wrong, false_alarms = [], 0
    for kind in Kind:
        flagged = set(draft.rows_of(kind).tolist())
        planted = {n for n, row in enumerate(rows) if kind in row.planted}
        may = {n for n, row in enumerate(rows) if kind in row.allowed}
        missed, alarms = planted - flagged, flagged - planted - may
        tally.planted[kind] += len(planted)
        tally.found[kind] += len(planted & flagged)
        tally.others[kind] += len(rows) - len(planted | may)
        tally.alarms[kind] += len(alarms)
        false_alarms += len(alarms)
        wrong += [f"missed {kind}: {rows[n].cells()}" for n in sorted(missed)]
        if len(alarms) > MOST_FALSE_ALARMS * len(rows):
            wrong += [f"false {kind}: {rows[n].cells()}" for n in sorted(alarms)]
    return wrong


def _split_faults(draft: Draft, folder: Path) -> list[str]:
    ignored = {kind: Action.IGNORE for kind in Kind if kind is not Kind.EMPTY}
    wrong = []
    for choices in (Choices(), Choices(actions=ignored)):
        version = prepare(draft, choices, SplitOptions(held_out=0.3), folder / "versions")
        receipt = version.receipt()
        if receipt["read"] != receipt["kept"] + sum(receipt["dropped"].values()):
            wrong.append("the receipt does not add up")
        wrong += [f"on two sides: {pair}" for pair in crossings(version, _THRESHOLD)]
        shutil.rmtree(folder / "versions")
    return wrong


def run(count: int, seed: int, keep: Path | None, tally: Tally, tell: Any) -> int:
    """Run ``count`` sets; return how many failed."""
    failed = []
    for number in range(seed, seed + count):
        wrong = run_case(number, tally)
        if wrong:
            failed.append({"seed": number, "wrong": wrong})
            tell(f"seed {number}: {'; '.join(wrong)[:1500]}\n")
    if keep is not None and failed:
        keep.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(entry, ensure_ascii=False) for entry in failed]
        keep.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(failed)


def main(arguments: list[str]) -> int:
    """Run the campaign as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    tally = Tally()
    keep = Path("build/campaigns/planted.jsonl")
    failures = run(options.cases, options.seed, keep, tally, sys.stdout.write)
    sys.stdout.write("\n".join([*tally.lines(), f"cases {options.cases}, failures {failures}", ""]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
