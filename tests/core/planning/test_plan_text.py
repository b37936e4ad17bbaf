from dataclasses import replace

from core.config.training import TrainingConfig
from core.planning import planner
from core.planning.plan_text import plan_text, without_fast_path
from tests.core.planning.plan_inputs import BIG

PLAIN = TrainingConfig()


def test_memory_cards_and_speed_are_said_together() -> None:
    alone = plan_text(replace(BIG, model_type="llama"), PLAIN)
    assert "tokens at once" in alone
    assert "share the work" not in alone
    assert "fast path" not in alone
    four = plan_text(replace(BIG, model_type="cohere", cards=4), PLAIN)
    assert "4 cards share the work. The fast path does not support" in four


def test_why_the_fast_path_is_not_taken(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(planner, "FUSED_FAMILIES", frozenset({"new"}))
    assert without_fast_path(PLAIN, "new") == ""
    assert "of the family “llama”" in without_fast_path(PLAIN, "llama")
    assert "“" not in without_fast_path(PLAIN, "")
    assert "switched off" in without_fast_path(PLAIN.with_values({"engine": "peft"}), "new")
    assert "without dropout" in without_fast_path(PLAIN.with_values({"dropout": 0.1}), "new")


def test_plans_are_told_in_the_present_language(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    four = plan_text(replace(BIG, model_type="cohere", cards=4), PLAIN)
    assert four.count("⟦") >= 3 and four.startswith("⟦") and four.endswith("⟧")
