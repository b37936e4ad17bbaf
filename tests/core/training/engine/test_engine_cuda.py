"""On a card: kernels, plain PyTorch and peft agree, under every plan."""

import pytest
import torch

from core.config.engine import EnginePlan
from core.training.engine.engine import attach

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")

SIZES = {
    "hidden_size": 512, "intermediate_size": 1024, "num_attention_heads": 8,
    "num_key_value_heads": 2, "num_hidden_layers": 4, "vocab_size": 1031,
}  # fmt: skip
PLANS = [
    EnginePlan(kernels=False), EnginePlan(), EnginePlan(keep_layers=0),
    EnginePlan(keep_layers=2, offload_inputs=True), EnginePlan(loss_chunk_mib=1),
    EnginePlan(keep_layers=0, offload_inputs=True, host_embedding=True),
    EnginePlan(keep_layers=1, stream_layers=3, offload_inputs=True, host_embedding=True),
]  # fmt: skip
PHI = ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
WINDOWS = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
FAMILIES = [
    ("Llama", {}), ("Qwen2", {}), ("Qwen3", {}),
    ("Mistral", {"sliding_window": 4096}),
    ("Mistral", {"sliding_window": 64}),  # most of the examples are longer
    ("Phi3", {"targets": PHI}),
    ("Phi3", {"targets": PHI, "partial_rotary_factor": 0.75, "sliding_window": 100}),
    ("Gemma", {"head_dim": 256}),
    ("Gemma3", {"head_dim": 128, "sliding_window": 64, "layer_types": WINDOWS}),
    ("SmolLM3", {"no_rope_layers": [1, 1, 0, 1]}),
    ("Granite", {}), ("Olmo2", {}),
    ("Olmo3", {"sliding_window": 64, "layer_types": WINDOWS}),
    ("Glm4", {"head_dim": 64}), ("SeedOss", {"head_dim": 64}),
    ("Ministral", {"head_dim": 64, "sliding_window": 64, "layer_types": WINDOWS}),
]  # fmt: skip


def _wide_reference(model, packed, peft_loss, gradients):
    """The same loss and gradients from fp32 products of the same 4-bit weights."""
    import bitsandbytes

    for module in model.modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            module.compute_dtype = torch.float32
    others = {n: p for n, p in model.named_parameters() if p.dtype == torch.bfloat16}
    for parameter in others.values():
        parameter.data = parameter.data.float()
    loss = peft_loss(model, packed)
    loss.backward()
    for parameter in others.values():
        parameter.data = parameter.data.bfloat16()
    for module in model.modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            module.compute_dtype = torch.bfloat16
    return loss.item(), gradients(model)


@pytest.mark.parametrize(("family", "changes"), FAMILIES)
def test_every_plan_is_as_close_to_fp32_as_peft_in_bf16(
    tiny, batch, peft_loss, gradients, error, family, changes
):
    model = tiny(family, dtype=torch.bfloat16, nf4=True, device="cuda", **SIZES, **changes)
    packed = batch(lengths=(90, 170, 4, 120), vocabulary=1031)
    exact, expected = _wide_reference(model, packed, peft_loss, gradients)
    with torch.autocast("cuda", dtype=torch.bfloat16):
        loss = peft_loss(model, packed)
    loss.backward()
    theirs = {n: error(g, expected[n]) for n, g in gradients(model).items()}
    assert loss.item() == pytest.approx(exact, rel=5e-3)

    for plan in PLANS:
        engine = attach(model, plan)
        loss, _ = engine.forward_loss(packed)
        loss.backward()
        ours = {n: error(g, expected[n]) for n, g in gradients(model).items()}
        engine.release()

        assert loss.item() == pytest.approx(exact, rel=5e-3), plan
        assert sum(ours.values()) < 1.2 * sum(theirs.values()), plan
        assert max(ours.values()) < 1.5 * max(theirs.values()), plan
