"""What a mixture of experts is called in configs, and how large its adapters are.

Each expert gets factors of its own. Their rank is the run's rank divided by the number of experts
that a token is sent to, at least 1: so the adapter has about as many parameters for each weight
that a token meets as that of a dense model. That is how Schulman and Thinking Machines Lab, *LoRA
Without Regret*, 2025, adapt mixtures. Full rank on each expert would give Qwen3-30B-A3B, at rank
16, 629 million trained parameters instead of 79 million.

Measured on tiny random mixtures that learn a rule over tokens in 60 steps at rank 8 (loss on unseen
texts; two experts of four for a token): attention alone 6.05 and 6.20 nats, experts at rank 4 too
4.21 and 5.37, experts at rank 8 4.12 and 5.28 (layouts of Qwen 3 and gpt-oss). So experts are
adapted: without them most of the model could learn nothing.
"""

from __future__ import annotations

from typing import Any

AT_ONCE = 1 << 30
"""Bytes of a layer's weights that are unpacked at once, if a single expert has not more."""

_PER_TOKEN = (
    "num_experts_per_tok", "num_experts_per_token", "moe_k", "moe_topk", "top_k_experts",
    "num_selected_experts", "moe_num_active_experts", "router_top_k",
)  # fmt: skip


def experts_per_token(config: Any) -> int:
    """Return how many experts a token is sent to; 1 where the config does not tell.

    Args:
        config: an object with these attributes, or a JSON object.
    """
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    for name in _PER_TOKEN:
        value = text.get(name) if isinstance(text, dict) else getattr(text, name, None)
        if isinstance(value, list) and value:
            value = max(value)
        if type(value) is int and 1 <= value <= 1000:
            return value
    return 1


def expert_rank(rank: int, per_token: int) -> int:
    """Return the rank of each expert's factors for a run of this rank."""
    return max(1, rank // max(1, per_token))
