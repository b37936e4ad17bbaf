"""What is written down is the same in every language; what is shown follows the present one."""

import json
from pathlib import Path

import pytest

from core.data import scan as scan_module
from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.data.versions.receipt import Receipt
from core.data.versions.receipt_page import RECEIPT_PAGE, html_page
from core.data.versions.revision import leave_out
from core.language import PSEUDO, PSEUDO_MIRRORED, Sentence, _, ngettext
from tests.core.data.examples import clean_pairs, instruction_rows, write_jsonl

SAMPLE = Path(__file__).parents[3] / "resources" / "sample" / "code-documentation.jsonl"


@pytest.fixture
def speaks(monkeypatch):
    return lambda language: monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", language)


def damaged_rows(folder):
    rows = instruction_rows(clean_pairs(60, 8))
    rows[5] = rows[2]
    turns = [{"role": "wizard", "content": "Hm."}, {"role": "user", "content": "What?"}]
    odd = [{"instruction": "", "extra": "x" * 400}, {"messages": turns}, "oops", 3]
    path = write_jsonl(folder / "rows.jsonl", [*rows, *odd, *odd])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"instruction": "Why?", "output": \n{“instruction”: “Why?”}\n')
    return path


def written(source, folder):
    """Return the bytes of the draft and of both versions, by name."""
    scan([source], ScanOptions(), folder / "draft")
    found = {}
    with Draft(folder / "draft") as draft:
        version = prepare(draft, Choices(), SplitOptions(), folder / "versions")
        reasons = {3: ngettext("{count:,} token", "{count:,} tokens", 3000)}
        shorter = leave_out(version, reasons, folder / "versions")
        found["summary"] = draft.summary.model_dump_json()
        for file in draft.folder.iterdir():
            found[file.name] = file.read_bytes()
    for made in (version, shorter):
        for file in made.folder.iterdir():
            found[f"{made.content_hash}/{file.name}"] = file.read_bytes()
    pages = {name: found.pop(name) for name in list(found) if name.endswith(RECEIPT_PAGE)}
    assert len(pages) == 2
    for name in [name for name in found if name.endswith("manifest.json")]:
        found[name] = json.loads(found[name])
        del found[name]["files"][RECEIPT_PAGE]
    return found, pages


@pytest.mark.parametrize(
    ("made", "workers"),
    [(damaged_rows, False), (damaged_rows, True), (lambda _folder: SAMPLE, False)],
)
def test_drafts_versions_and_receipts_are_the_same_in_every_language(
    tmp_path, monkeypatch, speaks, made, workers
):
    if workers:
        monkeypatch.setattr(scan_module, "_WORTH_WORKERS", 0)
    source = made(tmp_path)
    english, english_pages = written(source, tmp_path / "en")
    for language in (PSEUDO, "de"):
        speaks(language)
        there, pages = written(source, tmp_path / language)
        assert there == english
        assert pages.keys() == english_pages.keys()
        assert pages != english_pages, "people read these"


def test_what_was_read_in_one_language_is_told_in_another(tmp_path, speaks):
    scan([damaged_rows(tmp_path)], ScanOptions(), tmp_path / "draft")
    with Draft(tmp_path / "draft") as draft:
        english = draft.summary
        version = prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")
    assert len(english.problems) > 5
    assert len(english.notices) >= 3
    speaks(PSEUDO)
    with Draft(tmp_path / "draft") as draft:
        told = [*draft.summary.problems, draft.row(len(draft) - 1)]
        for here, there in zip(told, english.problems, strict=False):
            assert here.reason.startswith("⟦")
            assert here.reason.english == there.reason
        for here, there in zip(draft.summary.notices, english.notices, strict=True):
            assert here.text.startswith("⟦")
            assert isinstance(here.text, Sentence)
            assert here.text.english == there.text
    receipt = Receipt.model_validate(version.receipt())
    assert receipt.problems[0].reason.startswith("⟦")
    assert receipt.rows[-1].details.startswith("⟦")


def test_the_receipt_says_in_which_language_and_direction_it_is_written(tmp_path, speaks):
    scan([damaged_rows(tmp_path)], ScanOptions(), tmp_path / "draft")
    with Draft(tmp_path / "draft") as draft:
        version = prepare(draft, Choices(), SplitOptions(), tmp_path / "versions")
    receipt = Receipt.model_validate(version.receipt())
    assert '<html lang="en" dir="ltr">' in html_page(receipt)
    speaks("pt_BR")
    assert '<html lang="pt-BR" dir="ltr">' in html_page(receipt)
    speaks(PSEUDO_MIRRORED)
    page = html_page(Receipt.model_validate(version.receipt()))
    assert '<html lang="ar-XB" dir="rtl">' in page
    assert str(_("Receipt of your examples")) in page


def test_unread_rows_are_counted_by_what_is_wrong_with_them(tmp_path, speaks):
    path = write_jsonl(tmp_path / "rows.jsonl", [*instruction_rows(clean_pairs(60, 8)), 1, 2, 3])
    counts = []
    for language in ("en", PSEUDO):
        speaks(language)
        summary = scan([path], ScanOptions(), tmp_path / language)
        counts.append([n.count for n in summary.notices if n.kind == "unread"])
    assert counts == [[3], [3]]
