"""Short form of the campaign: a family with other names, one with towers, and a refused one."""

import pytest

from core.models.config import SUPPORTED
from tests.campaigns import families


@pytest.mark.parametrize("family", ["gpt2", "gemma3"])
def test_a_family_goes_the_whole_way(family, tmp_path):
    outcome = families.tried(family, tmp_path, steps=3)
    assert outcome.trained, outcome.row()
    assert outcome.share == 1 and outcome.apart < 1e-3
    assert families.known()[family] not in SUPPORTED


def test_a_refused_family_has_its_reason(tmp_path):
    outcome = families.tried("mixtral", tmp_path)
    assert "mixture of experts" in outcome.refusal and not outcome.fault


def test_whatever_else_goes_wrong_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(families, "make_model", lambda *_: 1 / 0)
    outcome = families.tried("gpt2", tmp_path)
    assert "ZeroDivisionError" in outcome.fault and "FAILED" in outcome.row()
