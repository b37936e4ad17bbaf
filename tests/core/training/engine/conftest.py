"""Small models and comparisons that the engine's tests share."""

import warnings

import numpy as np
import pytest
import torch

from core.chat.packing import IGNORED, Row, collate

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
JOINT = {  # families that store some of them in one matrix
    "Phi3": ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"],
    "Glm": [*ALL[:4], "gate_up_proj", "down_proj"],
    "Glm4": [*ALL[:4], "gate_up_proj", "down_proj"],
    "Gemma4": [*ALL, "per_layer_input_gate", "per_layer_projection"],
}
SIZES = {
    "vocab_size": 131, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
GEMMA_3 = {
    "head_dim": 16, "query_pre_attn_scalar": 24, "sliding_window": 6,
    "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
    "rope_parameters": {
        "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
        "full_attention": {"rope_type": "linear", "rope_theta": 1e5, "factor": 8.0},
    },
}  # fmt: skip
BY_KIND = ["sliding_attention", "full_attention"]
GEMMA_4 = {  # as the smallest one: inputs of each layer, keys and values of earlier layers
    "num_hidden_layers": 6, "num_key_value_heads": 1, "head_dim": 16, "global_head_dim": 32,
    "sliding_window": 6, "num_kv_shared_layers": 3, "use_double_wide_mlp": True,
    "layer_types": [*BY_KIND, *BY_KIND, *BY_KIND], "final_logit_softcapping": 3.0,
    "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 131,
}  # fmt: skip
GEMMA_4_LARGE = {  # as the largest dense one: values come from keys
    "num_kv_shared_layers": 0, "use_double_wide_mlp": False, "hidden_size_per_layer_input": 0,
    "attention_k_eq_v": True, "num_key_value_heads": 2, "num_global_key_value_heads": 1,
    "use_bidirectional_attention": "vision",
}  # fmt: skip
SPECIAL = {
    "Gemma3": GEMMA_3,
    "Gemma4": GEMMA_4,
    "Gemma4Unified": {n: v for n, v in GEMMA_4.items() if "per_layer" not in n},
    "SmolLM3": {"no_rope_layers": [1, 0, 1]},
    "Granite": {"embedding_multiplier": 3.0, "residual_multiplier": 0.22,
                "attention_multiplier": 0.1, "logits_scaling": 3.3},
    "Olmo3": {"sliding_window": 6,
              "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]},
    "Glm": {"head_dim": 16, "attention_bias": True},
    "Glm4": {"head_dim": 16, "attention_bias": True, "partial_rotary_factor": 0.5},
    "SeedOss": {"head_dim": 32, "attention_out_bias": False, "residual_dropout": 0.0,
                "attention_dropout": 0.0},
    "Ministral3": {"head_dim": 16, "rope_parameters": {
        "rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0, "beta_fast": 32.0,
        "beta_slow": 1.0, "mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.1,
        "original_max_position_embeddings": 6, "max_position_embeddings": 128}},
    "Ministral": {"head_dim": 16, "sliding_window": 6,
                  "layer_types": ["full_attention", "sliding_attention", "full_attention"]},
}  # fmt: skip


def _base(family, dtype, **changes):
    import transformers

    model_class = getattr(transformers, f"{family}ForCausalLM")
    torch.manual_seed(7)
    special = SPECIAL.get(family, {})
    values = {"attn_implementation": "sdpa", **SIZES, **special, **changes}
    config = model_class.config_class(**values)
    model = model_class(config).to(dtype)
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:  # norms and biases that are not their defaults find more faults
            torch.nn.init.normal_(parameter, 0.0 if "bias" in name else 1.0, 0.2)
    for name, buffer in model.named_buffers():
        if name.endswith("layer_scalar"):
            torch.nn.init.normal_(buffer, 0.8, 0.1)
    return model


@pytest.fixture
def tiny(tmp_path):
    """A factory of small peft models with adapters that already do something."""

    def make(
        family="Llama",
        dtype=torch.float64,
        nf4=False,
        targets=None,
        lora=None,
        device="cpu",
        **changes,
    ):
        import transformers
        from peft import LoraConfig, get_peft_model

        model = _base(family, torch.float32 if nf4 else dtype, **changes)
        if nf4:
            model.save_pretrained(tmp_path / "base")
            quantisation = transformers.BitsAndBytesConfig(
                load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
                bnb_4bit_compute_dtype=dtype,
            )  # fmt: skip
            model = type(model).from_pretrained(
                tmp_path / "base", quantization_config=quantisation, dtype=dtype,
                attn_implementation="sdpa", device_map={"": device},
            )  # fmt: skip
        model = model if nf4 else model.to(device)
        settings = {
            "r": 4,
            "lora_alpha": 12,
            "target_modules": targets or JOINT.get(family, ALL),
            **(lora or {}),
        }
        with warnings.catch_warnings():  # peft asks transformers by a name that it renamed
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
            model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings))
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(parameter, 0.0, 0.02 if "lora_B" in name else 0.1)
                parameter.data = parameter.data.to(torch.promote_types(dtype, torch.float32))
        return model.train()

    return make


def _rows(lengths=(9, 17, 4), seed=0, vocabulary=131):
    numbers = np.random.default_rng(seed)
    rows = []
    for length in lengths:
        ids = numbers.integers(3, vocabulary, length)
        labels = np.where(numbers.random(length) < 0.4, IGNORED, ids)
        labels[-1] = ids[-1]
        rows.append(Row(ids.tolist(), labels.tolist()))
    return rows


@pytest.fixture
def rows():
    """A factory of examples with some tokens that carry no loss."""
    return _rows


@pytest.fixture
def batch():
    """A factory of packed micro-batches of such examples."""
    return lambda *values, **named: collate(_rows(*values, **named))


def _peft_loss(model, packed):
    """Summed loss by transformers and peft, from the same packed row."""
    device = model.device
    logits = model(
        input_ids=torch.from_numpy(packed.ids).to(device),
        position_ids=torch.from_numpy(packed.position_ids).to(device),
        use_cache=False,
    ).logits
    wide = logits.double() if logits.dtype == torch.float64 else logits.float()
    targets = torch.from_numpy(packed.labels)[0, 1:].to(device)
    return torch.nn.functional.cross_entropy(wide[0, :-1], targets, reduction="sum")


@pytest.fixture
def peft_loss():
    return _peft_loss


@pytest.fixture
def gradients():
    """Gradients of all adapters by name, taken and cleared."""

    def take(model):
        found = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
        model.zero_grad(set_to_none=True)
        return found

    return take


def _error(out, reference):
    """Relative error; fails on values that are not finite."""
    assert torch.isfinite(out).all()
    return float((out.double() - reference.double()).norm() / reference.double().norm())


@pytest.fixture
def error():
    return _error
