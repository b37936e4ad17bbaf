"""Plans for a real small model, and the settings that the window and a command ask for."""

import pytest

from core import wizard
from core.actions import plans
from core.actions.plans import choose, chosen_plan, look, preset_plans
from core.hardware.cards import reader, usable
from core.planning import planner
from core.wizard import WizardState
from tests.core.actions.refusals import refused
from tests.core.hardware.fake_nvml import FakeNvml


def test_presets_are_planned_with_numbers(walked):
    plans = preset_plans(look(walked.project, walked.base))
    assert [p.preset.key for p in plans] == ["small", "gentle", "balanced", "thorough"]
    for plan in plans:
        low, high = plan.document()["seconds"]
        assert 0 < low < high
        assert "GB" in plan.sentence()
        assert "tokens at once and keeps everything in memory" in plan.sentence()


def test_a_card_of_any_size_can_be_planned_for(walked):
    tight = preset_plans(look(walked.project, walked.base), vram=0.01)
    assert {p.badge.level for p in tight} == {"wont_fit"}
    assert "Choose a smaller base model." in tight[0].document()["advice"]
    roomy = preset_plans(look(walked.project, walked.base), vram=24)
    assert {p.badge.level for p in roomy} == {"fits"}


def test_the_choices_of_the_window_are_planned(own_copy, walked):
    assert chosen_plan(look(own_copy, walked.base)) is None
    wizard.save_state(own_copy, WizardState(preset="thorough", overrides={"rank": 6, "gone": 1}))
    state = wizard.load_state(own_copy).model_copy(
        update={"dataset_version": walked.report.content_hash}
    )
    wizard.save_state(own_copy, state)
    plan = chosen_plan(look(own_copy, walked.base))
    assert plan is not None
    named = "Thorough · Adapter size (rank) 6"
    assert plan.sentence().startswith(f"Chosen in the window: {named} (thorough): ")
    assert plan.document()["config"]["rank"] == 6
    assert plan.config.epochs == 4


def test_several_cards_are_planned_for_and_said(walked):
    alone, three = (
        preset_plans(look(walked.project, walked.base), vram=24, cards=n)[0].document()
        for n in (1, 3)
    )
    assert "share the work" not in alone["in_words"]
    assert "3 cards share the work." in three["in_words"]
    assert refused(preset_plans, look(walked.project, walked.base), None, 99) == "cards.count"


def test_a_family_without_the_fast_path_is_told_in_the_plan(walked, monkeypatch):
    fast = preset_plans(look(walked.project, walked.base))[0]
    assert fast.document()["without_fast_path"] == ""
    monkeypatch.setattr(planner, "FUSED_FAMILIES", frozenset())
    slow = preset_plans(look(walked.project, walked.base))[0]
    assert "does not support models of the family “llama” yet" in slow.sentence()
    assert slow.document()["without_fast_path"] in slow.sentence()


def test_costs_say_what_they_count(walked, monkeypatch):
    monkeypatch.setattr(reader, "load_nvml", FakeNvml)
    monkeypatch.setattr(usable, "torch_cuda_version", lambda: "13.0")
    assert "(graphics card only)" in preset_plans(look(walked.project, walked.base))[0].sentence()


def test_an_unknown_preset_is_said(walked):
    assert refused(choose, look(walked.project, walked.base), "x", {}) == "preset.unknown"


@pytest.mark.parametrize("action", [preset_plans, chosen_plan])
def test_an_action_looks_at_the_machine_once(own_copy, walked, monkeypatch, action):
    """Each look may take seconds: it asks the card, the disk and the examples."""
    wizard.save_state(
        own_copy,
        wizard.load_state(own_copy).model_copy(
            update={"preset": "thorough", "overrides": {"rank": 6}, "cards": 1}
        ),
    )
    looks = []
    real = plans.examine_machine
    monkeypatch.setattr(plans, "examine_machine", lambda *about: looks.append(1) or real(*about))
    here = look(own_copy, walked.base)
    assert action(here)
    choose(here, "thorough", {"rank": 4})
    assert len(looks) == 1
