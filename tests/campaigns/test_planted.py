import json

import pytest

from core.data.findings.kinds import Kind
from tests.campaigns.faults import PLANTS
from tests.campaigns.planted import Tally, make_set, run, run_case
from tests.core.data.examples import ask, similarity, word_pairs


def test_short_form(tmp_path):
    tally, told = Tally(), []
    assert run(25, 1000, tmp_path / "failed.jsonl", tally, told.append) == 0, told
    for kind in Kind:
        assert tally.planted[kind] > 0, f"{kind} was never planted"
        assert tally.found[kind] == tally.planted[kind]
        assert tally.alarms[kind] <= 0.01 * tally.others[kind]
    assert len(tally.lines()) == 1 + len(Kind)


def test_every_kind_can_be_planted():
    assert set(PLANTS) == set(Kind)


def test_sets_are_reproducible():
    one, two = (make_set(17)[0] for _ in range(2))
    assert [row.cells() for row in one] == [row.cells() for row in two]


def test_copies_come_after_what_they_copy():
    rows = [row for seed in range(12) for row in make_set(seed)[0]]
    copies = [row for row in rows if row.copies is Kind.NEAR_DUPLICATE]
    assert copies
    for row in copies:
        pairs = [word_pairs(ask(one.question, one.answer)) for one in (row, row.twin)]
        assert similarity(*pairs) >= 0.8
        assert len([one for one in (row, row.twin) if row.copies in one.planted]) == 1


@pytest.mark.parametrize("kind", [Kind.HTML, Kind.SECRET, Kind.EXACT_DUPLICATE])
def test_the_campaign_can_fail(tmp_path, monkeypatch, kind):
    """A check that finds nothing, or everything, must be reported."""
    seed = next(n for n in range(50) if any(kind in r.planted for r in make_set(n)[0]))
    assert run_case(seed, Tally()) == []

    def blind(draft, wanted):
        rows = original(draft, wanted)
        return rows[:0] if wanted is kind else rows

    original = __import__("core.data.draft", fromlist=["Draft"]).Draft.rows_of
    monkeypatch.setattr("core.data.draft.Draft.rows_of", blind)
    assert any(text.startswith(f"missed {kind}") for text in run_case(seed, Tally()))
    keep = tmp_path / "failed.jsonl"
    assert run(1, seed, keep, Tally(), lambda text: None) == 1
    assert json.loads(keep.read_text(encoding="utf-8"))["seed"] == seed
