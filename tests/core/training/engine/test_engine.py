"""The engine gives what transformers and peft give: losses, gradients of every adapter, curves."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.chat.packing import Row, collate, pack
from core.config.engine import EnginePlan
from core.models.families.uneven import uneven_of
from core.models.shape import ModelShape
from core.planning.memory import MemorySettings, memory_need
from core.training.engine.engine import attach
from core.training.engine.families import Unsupported
from core.training.engine.offload.weight_stream import linear_weights
from tests.core.training.engine.conftest import GEMMA_4, GEMMA_4_LARGE, SIZES

NEW = ["SmolLM3", "Granite", "Olmo3", "Glm4", "Gemma4"]
FAMILIES = [
    ("Llama", {}),
    ("Llama", {"num_key_value_heads": 4, "attention_bias": True, "mlp_bias": True}),
    ("Llama", {"tie_word_embeddings": True, "rope_parameters": {
        "rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 32}}),
    ("Mistral", {"sliding_window": 64}),
    ("Mistral", {"sliding_window": 6}),  # two of the examples are longer, and one is not
    ("Qwen2", {}),
    ("Qwen2", {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}),
    ("Qwen3", {"head_dim": 32}),
    ("Phi3", {}),
    ("Phi3", {"sliding_window": 9, "partial_rotary_factor": 0.75}),
    ("Gemma", {"head_dim": 16, "hidden_act": "gelu_pytorch_tanh"}),
    ("SmolLM3", {}),
    ("SmolLM3", {"use_sliding_window": True, "sliding_window": 5, "no_rope_layers": [0, 1, 1],
                 "layer_types": ["full_attention", "sliding_attention", "full_attention"]}),
    ("Granite", {}),
    ("Granite", {"attention_bias": True, "tie_word_embeddings": True, "logits_scaling": 8.0}),
    ("Olmo2", {}),
    ("Olmo3", {}),
    ("Glm", {}),
    ("Glm4", {}),
    ("Glm4", {"partial_rotary_factor": None, "rope_parameters": {
        "rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 1.0}}),
    ("SeedOss", {"attention_bias": True}),
    ("Ministral", {}),
    ("Ministral3", {}),  # whose queries grow within the examples
    ("Gemma3", {}),  # with windows shorter than two of the examples
    ("Gemma3", {"layer_types": None, "rope_parameters": None, "num_hidden_layers": 7}),
    ("Gemma4", {}),
    ("Gemma4", {"num_kv_shared_layers": 0, "num_key_value_heads": 2}),
    ("Gemma4", GEMMA_4_LARGE),
    ("Gemma4", {**GEMMA_4_LARGE, "final_logit_softcapping": None, "attention_bias": True}),
    ("Gemma4Unified", {}),
]  # fmt: skip


@pytest.mark.parametrize(("family", "changes"), FAMILIES)
def test_losses_and_all_gradients_equal_pefts(
    tiny, batch, peft_loss, gradients, error, family, changes
):
    model, packed = tiny(family, **changes), batch()
    reference = peft_loss(model, packed)
    reference.backward()
    expected = gradients(model)

    loss, tokens = attach(model).forward_loss(packed)
    loss.backward()

    assert len(tokens) == packed.trained_tokens and not tokens.requires_grad
    assert tokens.sum().item() == pytest.approx(loss.item(), rel=1e-6)
    assert loss.item() == pytest.approx(reference.item(), rel=1e-6)
    for name, gradient in gradients(model).items():
        # transformers norms in fp32, in Gemma 4 up to eight times a layer
        assert error(gradient, expected[name]) < (5e-5 if "Gemma4" in family else 1e-5), name


@pytest.mark.parametrize(("family", "changes"), FAMILIES[:2])
def test_examples_may_weigh_differently(tiny, batch, gradients, error, family, changes):
    """Also less than nothing, as answers do that are to be written less often."""
    model, packed = tiny(family, **changes), batch()
    weights = tuple(0.5 - n for n in range(len(packed.cu_seqlens) - 1))
    engine, expected = attach(model), {}
    for part, weight in zip(packed.apart(), weights, strict=True):
        model.zero_grad(set_to_none=True)
        engine.forward_loss(part)[0].backward()
        for name, gradient in gradients(model).items():
            expected[name] = expected.get(name, 0) + weight * gradient
    model.zero_grad(set_to_none=True)
    loss, tokens = engine.forward_loss(replace(packed, weights=weights))
    loss.backward()
    sums = packed.by_example(tokens.double().numpy())
    assert loss.item() == pytest.approx(float(sums @ weights), rel=1e-5)
    for name, gradient in gradients(model).items():
        assert error(gradient, expected[name]) < 1e-5, name


def test_dropout_that_a_published_config_names_is_left_to_the_run(tiny, batch, peft_loss):
    model, packed = tiny("SeedOss", residual_dropout=0.1, attention_dropout=0.1), batch()
    loss, _ = attach(model).forward_loss(packed)
    assert loss.item() == pytest.approx(peft_loss(model.eval(), packed).item(), rel=1e-6)


@pytest.mark.parametrize("lengths", [(90,), (40, 90, 33, 8), (64, 64)])
@pytest.mark.parametrize("family", ["Mistral", "Gemma3"])
def test_examples_longer_than_the_window(tiny, batch, peft_loss, gradients, error, lengths, family):
    model, packed = tiny(family, dtype=torch.float32, sliding_window=32), batch(lengths=lengths)
    reference = peft_loss(model, packed)
    reference.backward()
    expected = gradients(model)
    loss, _ = attach(model).forward_loss(packed)
    loss.backward()
    assert loss.item() == pytest.approx(reference.item(), rel=1e-6)
    for name, gradient in gradients(model).items():
        assert error(gradient, expected[name]) < 1e-5, name


@pytest.mark.parametrize("family", ["Mistral", "Phi3", "Gemma3", *NEW])
def test_in_bf16_the_error_is_no_larger_than_pefts(
    tiny, batch, peft_loss, gradients, error, family
):
    window = {} if family in NEW else {"sliding_window": 32}
    model = tiny(family, dtype=torch.bfloat16, **window)
    packed = batch(lengths=(40, 90, 33, 8))
    exact = copy.deepcopy(model).float()
    reference = peft_loss(exact, packed)
    reference.backward()
    expected = gradients(exact)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        peft_loss(model, packed).backward()
    theirs = [error(g, expected[name]) for name, g in gradients(model).items()]
    loss, _ = attach(model).forward_loss(packed)
    loss.backward()
    ours = [error(g, expected[name]) for name, g in gradients(model).items()]

    assert loss.item() == pytest.approx(reference.item(), rel=3e-3)
    assert sum(ours) < 1.1 * sum(theirs)
    assert max(ours) < 1.5 * max(theirs)


@pytest.mark.parametrize(
    "lora",
    [
        {"target_modules": ["q_proj", "v_proj"]},
        {"r": 8, "use_rslora": True, "rank_pattern": {"k_proj": 3, "down_proj": 16}},
        {"alpha_pattern": {"q_proj": 5, "up_proj": 32}},
    ],
)
def test_adapters_of_any_shape(tiny, batch, peft_loss, gradients, error, lora):
    model, packed = tiny(lora=lora), batch()
    peft_loss(model, packed).backward()
    expected = gradients(model)
    attach(model).forward_loss(packed)[0].backward()
    for name, gradient in gradients(model).items():
        assert error(gradient, expected[name]) < 1e-5, name


@pytest.mark.parametrize("family", ["Llama", "Gemma3", "Gemma4"])
def test_with_real_nf4_the_error_is_no_larger_than_pefts(
    tiny, batch, peft_loss, gradients, error, family
):
    model, packed = tiny(family, dtype=torch.float32, nf4=True), batch()
    reference = peft_loss(model, packed)
    reference.backward()
    expected = gradients(model)
    loss, _ = attach(model).forward_loss(packed)
    loss.backward()

    assert loss.item() == pytest.approx(reference.item(), rel=1e-5)
    for name, gradient in gradients(model).items():
        assert error(gradient, expected[name]) < 1e-4, name


@pytest.mark.parametrize("family", ["Llama", "Gemma3", *NEW])
@pytest.mark.parametrize("keep", [0, 1, 2, 3])
def test_recomputed_layers_give_the_same_gradients_to_the_bit(tiny, batch, gradients, keep, family):
    model, packed = tiny(family, dtype=torch.float32), batch()
    attach(model).forward_loss(packed)[0].backward()
    expected = gradients(model)

    attach(model, EnginePlan(keep_layers=keep)).forward_loss(packed)[0].backward()
    for name, gradient in gradients(model).items():
        assert torch.equal(gradient, expected[name]), name


@pytest.mark.parametrize("family", ["Llama", "Gemma3", *NEW])
def test_packing_changes_nothing(tiny, gradients, error, family):
    model = tiny(family)
    numbers = np.random.default_rng(1)
    rows = [Row(ids := numbers.integers(3, 131, n).tolist(), ids) for n in (9, 30, 4, 17, 2)]
    engine = attach(model)
    for row in rows:
        engine.forward_loss(collate([row]))[0].backward()
    expected = gradients(model)

    for group in pack([len(row.ids) for row in rows], 32):
        engine.forward_loss(collate([rows[i] for i in group]))[0].backward()
    for name, gradient in gradients(model).items():
        assert error(gradient, expected[name]) < 1e-10, name


def test_a_micro_batch_without_trained_tokens_costs_nothing_and_breaks_nothing(tiny):
    ids = [5, 6, 7]
    loss, tokens = attach(tiny()).forward_loss(collate([Row(ids, [-100] * 3)]))
    loss.backward()
    assert (loss.item(), len(tokens)) == (0.0, 0)


def test_evaluation_respects_a_switched_off_adapter(tiny, batch, peft_loss):
    model, packed = tiny(), batch()
    engine = attach(model)
    with torch.no_grad():
        tuned = engine.forward_loss(packed)[0]
        with model.disable_adapter():
            base = engine.forward_loss(packed)[0]
            assert base.item() == pytest.approx(peft_loss(model, packed).item(), rel=1e-6)
        assert engine.forward_loss(packed)[0] == tuned
    assert not tuned.requires_grad
    assert abs(tuned - base) > 1e-3
    with model.disable_adapter(), pytest.raises(RuntimeError, match="switched off"):
        engine.forward_loss(packed)


def test_what_cannot_be_run_is_refused(tiny):
    with pytest.raises(Unsupported, match="dropout"):
        attach(tiny(lora={"lora_dropout": 0.1}))


def test_the_adapter_is_saved_as_ever_and_the_model_still_answers(tiny, batch, tmp_path):
    from safetensors.torch import load_file

    model, packed = tiny(dtype=torch.float32), batch()
    names = set(model.state_dict())
    engine = attach(model, EnginePlan(host_embedding=True))
    engine.forward_loss(packed)[0].backward()
    engine.release()
    model.save_pretrained(tmp_path / "adapter")

    assert set(model.state_dict()) == names
    saved = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    assert len(saved) == 3 * 7 * 2
    assert model.generate(torch.tensor([[5, 6]]), max_new_tokens=2).shape == (1, 4)


def _curve(model, step, batches):
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    losses = []
    for packed in batches:
        loss = step(packed) / packed.trained_tokens
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return np.array(losses)


def test_loss_curves_of_nf4_in_bf16_stay_together(tiny, batch, peft_loss):
    model = tiny(dtype=torch.bfloat16, nf4=True, num_hidden_layers=2)
    start = copy.deepcopy({n: p for n, p in model.state_dict().items() if "lora_" in n})
    batches = [batch(lengths=(24, 31, 9), seed=i % 3) for i in range(40)]

    def by_peft(packed):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return peft_loss(model, packed)

    theirs = _curve(model, by_peft, batches)
    model.load_state_dict(start, strict=False)
    engine = attach(model)
    ours = _curve(model, lambda packed: engine.forward_loss(packed)[0], batches)

    assert theirs[-3:].mean() < 0.9 * theirs[:3].mean()
    assert np.abs(ours - theirs).max() < 0.05
    assert abs(ours[-6:].mean() - theirs[-6:].mean()) < 0.01


@pytest.mark.parametrize("family", ["Llama", "Phi3", "Gemma3"])
def test_layers_wait_in_the_same_order_before_and_after_peft(tiny, family):
    """Else one process would overwrite what another reads."""
    plain = tiny(family, dtype=torch.bfloat16, targets="all-linear").unload().model.layers[1]
    names = sorted(n for n, part in plain.named_modules() if isinstance(part, torch.nn.Linear))
    expected = [plain.get_submodule(name).weight for name in names]
    wrapped = attach(tiny(family, dtype=torch.bfloat16, targets="all-linear")).model.inner.layers[1]
    for found in (linear_weights(plain), linear_weights(wrapped)):
        assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def _held(tiny, family, tokens, **sizes):
    """Bytes that two kept layers hold between the passes, on a processor."""
    model = tiny(family, dtype=torch.bfloat16, max_position_embeddings=tokens, **sizes)
    ids = np.random.default_rng(0).integers(3, 130, tokens)
    packed = collate([Row(ids, ids.copy())])
    held = []
    for keep in (None, 0):
        engine = attach(model, EnginePlan(keep_layers=keep))
        engine.forward_loss(packed)[0].backward()
        with torch.profiler.profile(profile_memory=True) as seen:
            loss = engine.forward_loss(packed)[0]
        held.append(sum(event.self_cpu_memory_usage for event in seen.key_averages()))
        del loss
    return held[0] - held[1]


def _counted(shape, tokens):
    settings = MemorySettings(
        rank=4, device="cpu", layers="fused", micro_batch_tokens=tokens,
        loss_chunk_tokens=tokens, trained_share=1.0,
    )  # fmt: skip
    kept, again = (memory_need(shape, replace(settings, recompute=x)).activations for x in (0, 1))
    return kept - again


@pytest.mark.parametrize("large", [False, True])
def test_kept_layers_of_gemma_4_hold_what_the_planner_counts(tiny, large):
    tokens, sizes = 1000, {
        "hidden_size": 256, "intermediate_size": 512, "head_dim": 64, "global_head_dim": 128,
        "sliding_window": 1000, "hidden_size_per_layer_input": 32,
        **(GEMMA_4_LARGE if large else {}),
    }  # fmt: skip
    uneven = uneven_of({**SIZES, **GEMMA_4, **sizes}, "gemma4_text")
    shape = ModelShape.from_dimensions(
        hidden_size=256, layers=6, heads=4, kv_heads=2 if large else 1, head_dim=64, ffn_size=512,
        vocab_size=131, context_length=tokens, tied_embeddings=True,
    ).with_uneven(uneven)  # fmt: skip
    held = _held(tiny, "Gemma4", tokens, **sizes)
    assert held == pytest.approx(_counted(shape, tokens), rel=0.02)


@pytest.mark.parametrize("family", ["Llama", "Qwen3", "Gemma3", "Granite", "Olmo2", "Glm4"])
def test_a_kept_layer_holds_what_the_planner_counts(tiny, family):
    tokens, sizes = 1000, {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2}
    sizes |= {"head_dim": 64}
    if family == "Gemma3":  # a window would take copies of its own
        sizes |= {"sliding_window": tokens, "layer_types": ["sliding_attention", "full_attention"]}
    shape = ModelShape.from_dimensions(
        hidden_size=256, layers=2, heads=4, kv_heads=2, head_dim=64, ffn_size=512, vocab_size=131,
        context_length=tokens, tied_embeddings=False,
        head_norms=family in ("Qwen3", "Gemma3", "Olmo2"),
        post_norms=family in ("Gemma3", "Olmo2", "Glm4"),
    )  # fmt: skip
    held = _held(tiny, family, tokens, **sizes)
    assert held == pytest.approx(_counted(shape, tokens), rel=0.015)
