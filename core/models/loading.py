"""Load a base model and its tokenizer from a folder; only ever called in a child process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError, is_out_of_memory
from core.hardware.card_loss import is_card_error
from core.models.vocabulary import end_of_text

if TYPE_CHECKING:
    import torch
    from transformers import (
        GenerationConfig,
        PreTrainedConfig,
        PreTrainedModel,
        PreTrainedTokenizerBase,
    )

# Used when a base model has no chat template of its own; exported with the adapter like any other.
PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}### Answer:\n"
    "{{ message['content'] }}{{ eos_token }}\n\n"
    "{% else %}### {{ message['role'] | capitalize }}:\n{{ message['content'] }}\n\n{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}### Answer:\n{% endif %}"
)

PLAIN_TEMPLATE_WITH_BOS = "{{ bos_token }}" + PLAIN_TEMPLATE
"""The same for tokenizers that begin every text with that token: the base knows no other texts."""


def training_device() -> str:
    """Return ``"cuda:0"`` where PyTorch sees a card, else ``"cpu"``."""
    import torch

    return "cuda:0" if torch.cuda.is_available() else "cpu"


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Return the fast tokenizer of a model folder, with a chat template and a pad token.

    Raises:
        UserFacingError: there is no tokenizer that can be loaded without running foreign code.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # strange values in its files surface as errors of any kind
        if _is_about_the_machine(error):
            raise
        raise UserFacingError(
            "model.no_tokenizer",
            f"“{folder.name}” holds no tokenizer that can be read.",
            "Download the base model again, with all of its files.",
            str(error),
        ) from error
    if not tokenizer.is_fast:
        raise UserFacingError(
            "model.no_tokenizer",
            f"“{folder.name}” has only a slow tokenizer, which cannot mark the trained text.",
            "Choose a base model that has a “tokenizer.json”.",
        )
    _complete(tokenizer, folder)
    return tokenizer


def _complete(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Give a tokenizer the chat template, the end and the pad token that it lacks."""
    if not tokenizer.eos_token and (end := end_of_text(folder)):
        tokenizer.eos_token = end
    if not tokenizer.chat_template:
        begins = _begins_with_bos(tokenizer)
        tokenizer.chat_template = PLAIN_TEMPLATE_WITH_BOS if begins else PLAIN_TEMPLATE
    if tokenizer.pad_token is None:  # padding is masked: any token will do
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)


def _begins_with_bos(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the tokenizer puts its first token in front of every text by itself."""
    first, *_ = tokenizer("a")["input_ids"] or [None]
    plain, *_ = tokenizer("a", add_special_tokens=False)["input_ids"] or [None]
    if first in (None, plain):
        return False
    if tokenizer.bos_token is None:
        tokenizer.bos_token = tokenizer.convert_ids_to_tokens(first)
    return bool(first == tokenizer.bos_token_id)


def load_base(
    folder: Path, quantisation: str, device: str, *, for_training: bool = False
) -> PreTrainedModel:
    """Return the base model, frozen, on ``device``.

    Args:
        folder: a model folder that ``inspect_model`` accepts.
        quantisation: ``"nf4"`` (4 bits, double quantised, bf16 compute) or ``"none"`` (bf16).
        device: ``"cpu"`` or ``"cuda:0"``.
        for_training: keep every pass the same, whether or not another pass came before it.

    Raises:
        UserFacingError: the weights cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # the log is read by people when something went wrong
    options: dict[str, Any] = {"dtype": torch.bfloat16, "device_map": {"": device}}
    if quantisation == "nf4":
        options["quantization_config"] = nf4_config()
    try:
        model = AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            attn_implementation=attention_of(load_config(folder)),
            **options,
        )
    except Exception as error:
        if _is_about_the_machine(error):
            raise
        raise UserFacingError(
            "model.cannot_load",
            f"The base model in “{folder.name}” cannot be loaded.",
            "Download it again, or choose another base model.",
            str(error),
        ) from error
    model.config.use_cache = False
    model.generation_config = only_tokens(model.generation_config)
    model.requires_grad_(False)
    if for_training:
        _never_repack(model)
    loaded: PreTrainedModel = model
    return loaded


def only_tokens(stored: GenerationConfig) -> GenerationConfig:
    """Return the special tokens of a model's generation config, and nothing else of it.

    How answers are made is decided here: a stranger's ``num_beams`` of 4,000 takes all memory.
    """
    from transformers import GenerationConfig

    names = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
    return GenerationConfig(**{name: getattr(stored, name, None) for name in names})


def load_config(folder: Path) -> PreTrainedConfig:
    """Return transformers' configuration of a model folder; the type of numbers is bf16.

    Raises:
        Exception: of any kind, where its values are strange.
    """
    import torch
    from transformers import AutoConfig

    # The type that a config names would be looked up by its name.
    config: PreTrainedConfig = AutoConfig.from_pretrained(
        str(folder), local_files_only=True, dtype=torch.bfloat16
    )
    return config


def attention_of(config: PreTrainedConfig) -> str:
    """Return the attention to load a model with: ``"sdpa"``, or ``"eager"`` where it must be.

    PyTorch's own function cannot cap scores, which Gemma 2 does. The attention is always said,
    since a config may name one of its own, from anywhere.
    """
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING

    return "sdpa" if MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]._supports_sdpa else "eager"


def _is_about_the_machine(error: Exception) -> bool:
    """Whether memory or card, not the model's folder, are at fault."""
    return is_out_of_memory(error) or is_card_error(error)


def _never_repack(model: torch.nn.Module) -> None:
    """Keep the 4-bit weights of a CPU model as they were loaded.

    WORKAROUND: bitsandbytes rearranges them at the first pass without gradients on processors with
    AVX512-BF16, which changes later training passes in the last bits: a run that was interrupted
    after a validation would not end with the bytes of the undisturbed one.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            setattr(module, "support_avx512bf16_for_cpu", False)  # noqa: B010 - torch's stubs


def nf4_config() -> Any:
    """Return the bitsandbytes configuration of QLoRA: NF4, double quantisation, bf16 compute."""
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def count_parameters(model: torch.nn.Module) -> tuple[int, int]:
    """Return (trainable, all) parameters; a 4-bit weight counts as two per byte stored."""
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    total = sum(
        p.numel() * (2 if p.__class__.__name__ == "Params4bit" else 1) for p in model.parameters()
    )
    return trainable, total
