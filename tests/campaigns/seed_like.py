"""Campaign of seed-like files: what one real first data set held, in ever other forms.

``python -m tests.campaigns.seed_like --cases 100`` makes files of 847 rows with 147 exact copies,
23 rows with stray HTML, 8 corrupted ones (cut rows, wrong bytes, mojibake, lost letters) and some
answers in JSON among plain text. A file fails when a planted fault was missed or another row was
flagged with anything. Prints ``cases N, failures M`` last.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from core.data.draft import Draft, ScanOptions
from core.data.findings.kinds import Kind
from core.data.scan import scan
from tests.campaigns import faults
from tests.campaigns.faults import Row
from tests.campaigns.forked_runs import by_seed, command
from tests.core.data.examples import clean_pairs

ROWS, COPIES, WITH_HTML, CORRUPT = 847, 147, 23, 8
FORMS = ("instruction", "messages", "sharegpt", "question", "json", "csv")


def make_rows(rng: random.Random, form: str) -> list[tuple[bytes, set[Kind]]]:
    """Return the encoded rows, each with the kinds that must be found in it."""
    pairs = clean_pairs(ROWS - COPIES, seed=rng.randrange(10**6))
    rows = [Row(question, answer) for question, answer in pairs]
    order = rng.sample([row for row in rows if len(row.answer) > 60], WITH_HTML + CORRUPT + 120)
    victims = iter(order)
    for _ in range(WITH_HTML):
        faults.html(rng, next(victims))
    damages = [_corrupt(rng, next(victims), form) for _ in range(CORRUPT)]
    for _ in range(rng.choice([5, 20, 100])):
        faults.mixed_format(rng, next(victims))
    encoded = [(_encode(row, form), set(row.planted)) for row in rows]
    by_row = {id(row): place for place, row in enumerate(rows)}
    for row, damage in damages:
        content, kinds = encoded[by_row[id(row)]]
        encoded[by_row[id(row)]] = (damage(content), kinds)
    clean = [(content, kinds) for content, kinds in encoded if not kinds]
    copies = [(content, {Kind.EXACT_DUPLICATE}) for content, _ in rng.sample(clean, COPIES)]
    return encoded + copies


def _corrupt(rng: random.Random, row: Row, form: str) -> tuple[Row, Callable[[bytes], bytes]]:
    """Damage a row's text, or its bytes once it is written."""
    kind = rng.choice(["text", "bytes", "text" if form == "csv" else "cut"])
    if kind == "text":
        faults.broken_text(rng, row)
        return row, bytes
    if kind == "bytes":
        row.planted.add(Kind.BROKEN_TEXT)
        wrong = rng.choice(
            [b" \xff ", b" \xc3\x28 ", b" caf\xe9 ", b" \x80\x81 ", b" \xed\xa0\x80 "]
        )
        return row, lambda content: content.replace(b" the ", wrong, 1)
    row.planted.add(Kind.MALFORMED_ROW)
    share = rng.uniform(0.2, 0.9)
    return row, lambda content: content[: round(share * len(content))]


def _encode(row: Row, form: str) -> bytes:
    if form == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(row.cells())
        return text.getvalue().encode()
    return json.dumps(row.value("question" if form == "json" else form)).encode()


def write(folder: Path, rows: list[tuple[bytes, set[Kind]]], form: str) -> Path:
    """Write the rows, one a line."""
    lines = [content for content, _ in rows]
    if form == "csv":
        path, content = folder / "rows.csv", b"\n".join([b"question,answer", *lines])
    elif form == "json":
        path, content = folder / "rows.json", b"[\n" + b",\n".join(lines) + b"\n]"
    else:
        path, content = folder / "rows.jsonl", b"\n".join(lines)
    path.write_bytes(content)
    return path


def run_case(seed: int) -> list[str]:
    """Scan one file; return what is wrong."""
    rng = random.Random(seed)
    form = FORMS[seed % len(FORMS)]
    rows = make_rows(rng, form)
    originals = rows[: ROWS - COPIES]
    rng.shuffle(originals)
    rows[: ROWS - COPIES] = originals
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scan([write(folder, rows, form)], ScanOptions(), folder / "draft")
        with Draft(folder / "draft") as draft:
            return [f"{form}: {text}" for text in _differences(draft, rows)]


def _differences(draft: Draft, rows: list[tuple[bytes, set[Kind]]]) -> list[str]:
    if len(draft) != ROWS:
        return [f"{len(draft)} rows instead of {ROWS}"]
    wrong = []
    for kind in Kind:
        flagged = set(draft.rows_of(kind).tolist())
        planted = {n for n, (_, kinds) in enumerate(rows) if kind in kinds}
        wrong += [f"missed {kind}: {rows[n][0]!r}" for n in sorted(planted - flagged)]
        wrong += [f"invented {kind}: {rows[n][0]!r}" for n in sorted(flagged - planted)]
    return wrong


def main(arguments: list[str] | None = None) -> int:
    return command(__doc__, 100, by_seed(run_case))(arguments)


if __name__ == "__main__":
    sys.exit(main())
