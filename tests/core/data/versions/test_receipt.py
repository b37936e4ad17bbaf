import json
import os
import subprocess
import sys

from core.data.cleaning import Choices, ReviewDecision, RowAction, RowChoice
from core.data.findings.kinds import Action, Kind
from core.data.preparation import prepare
from core.data.splitting import SplitOptions
from core.data.versions.receipt import Receipt
from core.storage.files import sha256_of
from tests.core.data.examples import clean_pairs, instruction_rows, scanned, write_jsonl


def prepared(folder):
    rows = instruction_rows(clean_pairs(60, 8))
    rows[5] = rows[2]
    rows[6]["output"] = "It is  so. "
    rows[7]["output"] = "<p>It is so.</p>"
    question = rows[8]["instruction"]
    choices = Choices(
        actions={Kind.HTML: Action.FIX},
        rows={
            8: RowChoice(action=RowAction.EDIT, texts=(question, "Edited answer.")),
            9: RowChoice(action=RowAction.DROP),
        },
    )
    draft, _ = scanned(folder, [*rows, "oops"])
    with draft:
        return prepare(draft, choices, SplitOptions(), folder / "versions")


def test_every_row_is_accounted_for(tmp_path):
    version = prepared(tmp_path)
    receipt = Receipt.model_validate(version.receipt())
    assert receipt.read == 61
    assert receipt.kept == 58
    assert receipt.read == receipt.kept + sum(receipt.dropped.values())
    assert receipt.dropped == {"exact_duplicate": 1, "malformed_row": 1, "person": 1}
    assert receipt.changed == 3
    assert receipt.changed_by_kind == {"whitespace": 1, "html": 1}
    assert sum(receipt.split.values()) == receipt.kept
    assert receipt.content_hash == version.content_hash
    assert receipt.sources[0].sha256 == sha256_of(tmp_path / "rows.jsonl")
    assert receipt.problems[0].line == 61


def test_rows_say_what_why_and_by_whom(tmp_path):
    receipt = Receipt.model_validate(prepared(tmp_path).receipt())
    found = [(row.line, row.what, row.by, row.reasons) for row in receipt.rows]
    assert found == [
        (6, "dropped", "rule", ("exact_duplicate",)),
        (7, "changed", "rule", ("whitespace",)),
        (8, "changed", "rule", ("html",)),
        (9, "changed", "person", ("edited",)),
        (10, "dropped", "person", ("person",)),
        (61, "dropped", "rule", ("malformed_row",)),
    ]


def test_a_row_that_could_not_be_read_says_why(tmp_path):
    last = Receipt.model_validate(prepared(tmp_path).receipt()).rows[-1]
    assert last.details == Receipt.model_validate(prepared(tmp_path).receipt()).problems[0].reason


def test_what_was_looked_through_is_counted(tmp_path):
    choices = Choices().with_verdict(3, ReviewDecision.KEEP).with_verdict(4, ReviewDecision.FLAG)
    draft, _ = scanned(tmp_path, instruction_rows(clean_pairs(60, 8)))
    with draft:
        version = prepare(draft, choices, SplitOptions(), tmp_path / "versions")
    receipt = Receipt.model_validate(version.receipt())
    assert receipt.reviewed == {"keep": 1, "flag": 1}
    assert receipt.kept == 60


def test_the_same_input_gives_the_same_receipt(tmp_path):
    receipts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        receipt = prepared(tmp_path / name).receipt()
        receipts.append(json.dumps(receipt).replace(f"/{name}/rows", "/rows"))
    assert receipts[0] == receipts[1]


def test_two_processes_write_the_same_receipt(tmp_path):
    """Nothing may depend on a process's hash seed, its number of threads or the time."""
    source = write_jsonl(tmp_path / "rows.jsonl", instruction_rows(clean_pairs(300, 8)))
    found = []
    for seed in ("1", "2"):
        project = tmp_path / f"project {seed}"
        command = [sys.executable, "-c", _PREPARE, str(source), str(project)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": seed}
        subprocess.run(command, check=True, env=environment, timeout=120)
        (version,) = (project / "versions").iterdir()
        found.append({path.name: path.read_bytes() for path in version.iterdir()})
    assert found[0] == found[1]
    assert {"examples.jsonl", "meta.json", "receipt.json", "receipt.html"} <= set(found[0])


_PREPARE = """
import sys
from pathlib import Path
from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.mixture import MixtureOptions
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
project = Path(sys.argv[2])
scan([sys.argv[1]], ScanOptions(), project / "draft")
with Draft(project / "draft") as draft:
    prepare(
        draft, Choices(), SplitOptions(), project / "versions", mixture=MixtureOptions(general=20)
    )
"""
