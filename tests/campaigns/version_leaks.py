"""Campaign of leaks between versions: what was tested once is never trained on later.

``python -m tests.campaigns.version_leaks --cases 100`` makes random sets and from each three
versions: rows are changed a little, dropped, added and brought back, general examples are mixed in,
and the first version is rehearsed. By brute force, without the application's own search:

- no copy, near copy or question stands on two sides of any version;
- none of them stands in one version's test part and in what a later one learns from or watches;
- every row of the files is accounted for on the receipt.

Prints ``cases N, failures M`` last.
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
from pathlib import Path

from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion
from core.data.draft import Draft, ScanOptions
from core.data.mixture import MixtureOptions
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.data.versions.receipt import Receipt
from tests.campaigns.forked_runs import by_seed, command
from tests.campaigns.split_leaks import random_set
from tests.core.data.examples import crossings, similarity, word_pairs, write_jsonl

_THRESHOLD = 0.8
_HELD_OUT = 0.4
Rows = list[dict[str, str]]


def next_rows(rng: random.Random, rows: Rows, first: Rows) -> Rows:
    """Return what a person's file may look like a week later."""
    later = [_changed(rng, row) for row in rows if rng.random() < 0.85]
    later += [row for row in first if rng.random() < 0.1]
    later += random_set(rng)[: rng.randrange(40)]
    rng.shuffle(later)
    return later


def _changed(rng: random.Random, row: dict[str, str]) -> dict[str, str]:
    kind = rng.randrange(6)
    if kind == 0:
        return {**row, "answer": f"{row['answer']} Indeed."}
    if kind == 1:
        return {"question": f"Please: {row['question']}", "answer": row["answer"]}
    if kind == 2:
        return {**row, "answer": row["answer"].upper()}
    return row


def version_of(
    rows: Rows, folder: Path, seed: int, mixture: MixtureOptions | None = None
) -> DatasetVersion:
    """Scan and accept rows."""
    path = write_jsonl(folder / "rows.jsonl", rows)
    scan([path], ScanOptions(near_threshold=_THRESHOLD), folder / "draft")
    options = SplitOptions(held_out=_HELD_OUT, seed=seed)
    with Draft(folder / "draft") as draft:
        return prepare(draft, Choices(), options, folder / "versions", mixture=mixture)


def leaks_between(earlier: DatasetVersion, later: DatasetVersion) -> list[str]:
    """Return tested examples of ``earlier`` that ``later`` learns from or watches."""
    tested = [(item, word_pairs(item)) for item in earlier.examples("test")]
    others = [
        (item, word_pairs(item))
        for part in ("train", "validation")
        for item in later.examples(part)  # type: ignore[arg-type]
    ]
    found = []
    for (one, pairs), (two, theirs) in itertools.product(tested, others):
        small, large = sorted((len(pairs), len(theirs)))
        near = small >= _THRESHOLD * large and similarity(pairs, theirs) >= _THRESHOLD
        if near or (one.question.strip() and one.question == two.question):
            found.append(f"tested {one.question!r}, later learned {two.question!r}")
    return found


def run_case(seed: int) -> list[str]:
    """Return what went wrong."""
    rng = random.Random(seed)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = first = random_set(rng)
        made: list[DatasetVersion] = []
        for _ in range(3):
            mixture = MixtureOptions()
            if made:
                options = {"general": 20, "rehearse": made[0].content_hash, "rehearsed": 30}
                mixture = MixtureOptions.model_validate(options)
            version = version_of(rows, folder, seed, mixture)
            wrong += [f"crosses: {one!r} and {two!r}" for one, two in crossings(version, 0.8)]
            for earlier in made:
                wrong += leaks_between(earlier, version)
            wrong += _not_accounted(version)
            made.append(version)
            rows = next_rows(rng, rows, first)
    return wrong


def _not_accounted(version: DatasetVersion) -> list[str]:
    receipt = Receipt.model_validate(version.receipt())
    stored = sum(1 for _ in version.lines())
    added = sum(receipt.added.values())
    whole = receipt.read == receipt.kept + sum(receipt.dropped.values())
    if whole and stored == receipt.kept + added == sum(version.counts.values()):
        return []
    return [f"the receipt of {version.content_hash} does not add up"]


def main(arguments: list[str] | None = None) -> int:
    return command(__doc__, 100, by_seed(run_case))(arguments)


if __name__ == "__main__":
    sys.exit(main())
