import random

from core.data.findings import markup
from core.data.findings.kinds import Kind
from tests.campaigns.seed_like import CORRUPT, FORMS, main, make_rows, run_case


def test_short_form():
    assert [run_case(seed) for seed in range(len(FORMS))] == [[]] * len(FORMS)


def test_the_counts_are_those_of_the_first_data_set():
    rows = make_rows(random.Random(3), "instruction")
    kinds = [kind for _, found in rows for kind in found]
    assert len(rows) == 847
    assert kinds.count(Kind.EXACT_DUPLICATE) == 147
    assert kinds.count(Kind.HTML) == 23
    assert kinds.count(Kind.MALFORMED_ROW) + kinds.count(Kind.BROKEN_TEXT) == CORRUPT
    assert Kind.MIXED_FORMAT in kinds


def test_the_campaign_can_fail(monkeypatch, capsys):
    monkeypatch.setattr(markup, "has_stray_markup", lambda text, question: False)
    assert main(["--cases", "1"]) == 1
    assert "missed html" in capsys.readouterr().out
