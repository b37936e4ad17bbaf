import json

from core.data.cleaning import Choices, RowAction, RowChoice
from core.data.findings.kinds import Action, Kind
from core.data.preparation import prepare
from core.data.receipt import RECEIPT_PAGE, Receipt, receipt_page
from core.data.splitting import SplitOptions
from core.files import sha256_of
from tests.core.data.examples import clean_pairs, instruction_rows, scanned


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


def test_the_page_can_be_read(tmp_path):
    version = prepared(tmp_path)
    page = (version.folder / RECEIPT_PAGE).read_text(encoding="utf-8")
    assert (
        receipt_page(Receipt.model_validate(version.receipt())).splitlines()[4:]
        == (page.splitlines()[4:])
    )
    assert "61 rows came in, 58 were kept" in page
    assert "| exact copies | 1 | 0 | 1 |" in page
    assert "- rows.jsonl, line 10: dropped by you (person)" in page
    assert version.content_hash in page


def test_long_receipts_say_how_much_is_not_shown(tmp_path):
    receipt = Receipt.model_validate(prepared(tmp_path).receipt())
    many = receipt.model_copy(update={"rows": receipt.rows * 60, "dropped": {"person": 357}})
    assert "- … and 160 more; receipt.json lists them." in receipt_page(many)


def test_the_same_input_gives_the_same_receipt(tmp_path):
    receipts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        receipt = prepared(tmp_path / name).receipt()
        receipts.append(json.dumps(receipt).replace(f"/{name}/rows", "/rows"))
    assert receipts[0] == receipts[1]
