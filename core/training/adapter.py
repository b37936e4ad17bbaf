"""The LoRA adapter of a run: put on the base, read from it, stored in peft's own format.

Source: Hu et al., 2021, *LoRA: Low-Rank Adaptation of Large Language Models*. The update is scaled
by alpha / r as there, not by alpha / sqrt(r) (rsLoRA: Kalajdzievski, 2023).
"""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config.training import TrainingConfig
from core.models.experts.sizes import expert_rank, experts_per_token
from core.models.lora import CONFIG, WEIGHTS
from core.storage.files import write_tensors, write_text
from core.training.targets import expert_targets, targets_of

if TYPE_CHECKING:
    import torch
    from peft import LoraConfig, PeftModel
    from transformers import PreTrainedModel


def add_adapter(base: PreTrainedModel, config: TrainingConfig, device: str = "") -> PeftModel:
    """Return ``base`` with a fresh adapter; its float32 weights are the only trainable ones.

    ``B`` starts at zero, so the untrained adapter changes nothing.

    Args:
        device: where the adapter is trained, by default beside the base's weights. Some of those
            may wait elsewhere.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(config.seed)
    experts = expert_targets(base, config.targets)
    lora = LoraConfig(
        task_type="CAUSAL_LM",
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules=targets_of(base, config.targets),
        bias="none",
    )
    if experts:
        rank = expert_rank(config.rank, experts_per_token(base.config))
        lora.target_parameters = experts
        lora.rank_pattern = dict.fromkeys(map(re.escape, experts), rank)
    _know_experts(lora, base)
    with warnings.catch_warnings():  # peft looks for ranks of experts' matrices among modules
        warnings.filterwarnings("ignore", message="The following rank_pattern")
        model = get_peft_model(base, lora)
    return move_adapter(model, device) if device else model


def _know_experts(lora: LoraConfig, base: PreTrainedModel) -> None:
    """Let peft put this application's own layers around the experts of a mixture."""
    from core.models.experts.modules import compute_together, experts_of

    kinds = {type(module) for _, module in experts_of(base)}
    if kinds:
        compute_together(base)  # their own forward pass knows nothing of these factors
        from core.training.experts.wrapper import ExpertsLora

        lora._register_custom_module(dict.fromkeys(kinds, ExpertsLora))


def move_adapter(model: PeftModel, device: str) -> PeftModel:
    """Move the adapter alone to ``device``: peft leaves it where the base's weights are."""
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data = parameter.data.to(device)
    return model


def load_adapter(base: PreTrainedModel, folder: Path, *, trainable: bool = False) -> PeftModel:
    """Return ``base`` with the adapter stored in ``folder``."""
    from peft import LoraConfig, PeftModel

    lora = LoraConfig.from_pretrained(str(folder), local_files_only=True)
    _know_experts(lora, base)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The following rank_pattern")
        return PeftModel.from_pretrained(
            base, str(folder), is_trainable=trainable, local_files_only=True, config=lora
        )


def adapter_weights(model: PeftModel) -> dict[str, torch.Tensor]:
    """Return the adapter's weights by peft's names, contiguous, on the CPU."""
    from peft import get_peft_model_state_dict

    state = get_peft_model_state_dict(model)
    return {name: state[name].detach().cpu().contiguous() for name in sorted(state)}


def set_adapter_weights(model: PeftModel, weights: dict[str, torch.Tensor]) -> None:
    """Inverse of :func:`adapter_weights`."""
    from peft import set_peft_model_state_dict

    set_peft_model_state_dict(model, weights)


def save_adapter(model: PeftModel, folder: Path) -> None:
    """Write weights and config as peft reads them; the same weights give the same bytes."""
    write_tensors(folder / WEIGHTS, adapter_weights(model))
    write_text(folder / CONFIG, json.dumps(_config_values(model), indent=2, sort_keys=True) + "\n")


def _config_values(model: PeftModel) -> dict[str, Any]:
    values = {**model.peft_config["default"].to_dict(), "inference_mode": True}
    if values.get("target_parameters"):
        values["lora_dropout"] = 0.0  # peft refuses any there, and no dropout is left to apply
    # peft keeps names in sets, whose order changes from process to process.
    return {key: sorted(v) if isinstance(v, set) else v for key, v in values.items()}
