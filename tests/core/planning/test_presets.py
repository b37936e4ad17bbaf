import dataclasses

import pytest

from core.config.training import ALL_LINEARS
from core.planning.estimate import memory_settings
from core.planning.memory import memory_need
from core.planning.presets import (
    changed_values,
    find_preset,
    fitting_batch,
    presets,
    recommended,
    usual_learning_rate,
    with_overrides,
)
from tests.core.planning.plan_inputs import BIG, SAMPLE_DATA, SMALL


def test_balanced_has_the_values_of_the_guide() -> None:
    config = find_preset(BIG, "balanced").config
    assert (config.learning_rate, config.rank, config.alpha) == (5e-5, 16, 32)
    assert (config.epochs, config.effective_batch, config.clip_norm) == (3.0, 32, 1.0)
    assert (config.validations_per_epoch, config.patience_epochs) == (4, 0.5)
    assert (config.quantisation, config.max_length) == ("nf4", 2048)


def test_three_presets_for_large_models_and_a_fourth_for_small_ones() -> None:
    assert [p.key for p in presets(BIG)] == ["gentle", "balanced", "thorough"]
    assert [p.key for p in presets(SMALL)] == ["small", "gentle", "balanced", "thorough"]
    assert (recommended(BIG), recommended(SMALL)) == ("balanced", "small")
    for examples, key in ((4, "balanced"), (85, "balanced"), (239, "balanced"), (240, "small")):
        own = dataclasses.replace(SAMPLE_DATA, train_examples=examples)
        assert recommended(dataclasses.replace(SMALL, data=own)) == key
    ranks = [p.config.rank for p in presets(BIG)]
    assert ranks == sorted(ranks)


def test_the_sample_projects_preset() -> None:
    config = find_preset(SMALL, "small").config
    assert (config.learning_rate, config.rank, config.effective_batch) == (1e-3, 16, 8)
    assert config.epochs == 1.0
    assert config.max_length == 704
    assert config.micro_batch_tokens == 1024


@pytest.mark.parametrize("examples", [1, 2, 5, 8, 12, 33, 100, 239, 240, 1000])
def test_no_preset_takes_more_examples_in_a_step_than_there_are(examples: int) -> None:
    data = dataclasses.replace(SAMPLE_DATA, train_examples=examples)
    for plan_input in (dataclasses.replace(BIG, data=data), dataclasses.replace(SMALL, data=data)):
        for preset in presets(plan_input):
            config = preset.config
            assert config.effective_batch <= examples
            steps = config.epochs * examples / config.effective_batch
            assert steps >= min(20, examples), preset.key


def test_an_unknown_preset_gives_the_recommended_one() -> None:
    assert find_preset(BIG, "small").key == "balanced"
    assert find_preset(SMALL, "no such").key == "small"


def test_unpacked_weights_learn_at_twice_the_rate() -> None:
    lora = dataclasses.replace(BIG, quantisation="none")
    assert find_preset(lora, "balanced").config.learning_rate == 1e-4
    assert usual_learning_rate(BIG.shape, "none") == 1e-4


@pytest.mark.parametrize(
    ("examples", "batch"),
    [(5000, 32), (640, 32), (639, 16), (300, 8), (100, 4), (79, 2), (39, 1), (12, 1), (0, 1)],
)
def test_few_examples_get_a_smaller_batch(examples: int, batch: int) -> None:
    assert fitting_batch(examples) == batch


@pytest.mark.parametrize("gib", [6, 8, 12, 16, 24, 80])
def test_every_preset_fits_with_room_or_is_the_smallest(gib: int) -> None:
    plan_input = dataclasses.replace(BIG, free_memory=gib << 30)
    for preset in presets(plan_input):
        need = memory_need(plan_input.shape, memory_settings(plan_input, preset.config)).total
        smallest = preset.config.micro_batch_tokens == preset.config.max_length
        assert need <= 0.92 * (gib << 30) or smallest


def test_a_large_card_keeps_the_activations_and_a_small_one_computes_them_again() -> None:
    for gib, recompute in ((80, 0.0), (16, 1.0)):
        plan_input = dataclasses.replace(BIG, free_memory=gib << 30)
        config = find_preset(plan_input, "balanced").config
        assert memory_settings(plan_input, config).recompute == recompute


def test_more_memory_gives_larger_micro_batches() -> None:
    def size(gib: int) -> int:
        plan_input = dataclasses.replace(BIG, free_memory=gib << 30)
        return find_preset(plan_input, "balanced").config.micro_batch_tokens

    assert size(8) < size(16) < size(24)
    assert size(80) >= 4096


def test_fused_layers_have_their_own_names() -> None:
    phi = dataclasses.replace(BIG, model_type="phi3")
    assert "qkv_proj" in find_preset(phi, "balanced").config.targets
    assert find_preset(BIG, "balanced").config.targets == ALL_LINEARS


def test_what_was_changed_is_told() -> None:
    preset = find_preset(BIG, "balanced")
    assert changed_values(preset, preset.config) == {}
    assert changed_values(preset, preset.config.with_values({"rank": 8})) == {"rank": 8}


def test_stored_values_are_taken_up_but_for_those_that_no_longer_can() -> None:
    preset = find_preset(BIG, "balanced")
    config = with_overrides(preset, {"rank": 8, "no longer": 1, "epochs": "many"})
    assert changed_values(preset, config) == {"rank": 8}


def test_length_never_exceeds_what_the_model_reads() -> None:
    long = dataclasses.replace(SAMPLE_DATA, longest_tokens=100_000)
    for plan_input in (dataclasses.replace(BIG, data=long), dataclasses.replace(SMALL, data=long)):
        for preset in presets(plan_input):
            assert preset.config.max_length <= plan_input.shape.context_length
            assert preset.config.max_length <= preset.config.micro_batch_tokens


@pytest.mark.parametrize("longest", [10, 130, 256])
def test_short_examples_get_a_limit_that_an_estimate_too_low_does_not_break(longest: int) -> None:
    data = dataclasses.replace(SAMPLE_DATA, longest_tokens=longest, mean_tokens=longest / 2)
    for base in (SMALL, BIG):
        config = find_preset(dataclasses.replace(base, data=data), "balanced").config
        assert config.max_length == 256


def test_presets_are_named_in_the_present_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    for preset in presets(SMALL):
        assert preset.title.startswith("⟦") and preset.description.startswith("⟦")
        assert preset == find_preset(SMALL, preset.key), "keys are the same in every language"
