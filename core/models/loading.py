"""Load a base model and its tokenizer from a folder; only ever called in a child process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError, is_out_of_memory
from core.hardware.cards.loss import is_card_error
from core.language import _
from core.models.config import stored_format, weight_paths
from core.models.families import sinks
from core.models.four_bit import import_bitsandbytes
from core.models.tensors import is_harmless
from core.models.tokenizers.whole import tokenizer_folder
from core.models.vocabulary import end_of_text

if TYPE_CHECKING:
    import torch
    from transformers import (
        GenerationConfig,
        PreTrainedConfig,
        PreTrainedModel,
        PreTrainedTokenizerBase,
    )

    from core.models.experts.loading import Waits

# Used when a base model has no chat template of its own; exported with the adapter like any other.
PLAIN_TEMPLATE = (  # not shown: the model reads it
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}### Answer:\n"
    "{{ message['content'] }}{{ eos_token }}\n\n"
    "{% else %}### {{ message['role'] | capitalize }}:\n{{ message['content'] }}\n\n{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}### Answer:\n{% endif %}"
)

_PACKED = ("Params4bit", "PackedExperts", "BlockExperts")

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
        never_run_code()
        source = tokenizer_folder(folder)
        tokenizer = AutoTokenizer.from_pretrained(str(source), local_files_only=True)
    except Exception as error:  # strange values in its files surface as errors of any kind
        if _is_about_the_machine(error):
            raise
        raise UserFacingError(
            "model.no_tokenizer",
            _("“{name}” contains no readable tokenizer.", name=folder.name),
            _("Download the base model again, with all of its files."),
            str(error),
        ) from error
    if not tokenizer.is_fast:
        raise UserFacingError(
            "model.no_tokenizer",
            _(
                "“{name}” has only a slow tokenizer, which cannot mark the trained text.",
                name=folder.name,
            ),
            _("Choose a base model that has a “tokenizer.json”."),
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
    """Whether the tokenizer puts its first token in front of every text."""
    first, *_ = tokenizer("a")["input_ids"] or [None]
    plain, *_ = tokenizer("a", add_special_tokens=False)["input_ids"] or [None]
    if first in (None, plain):
        return False
    if tokenizer.bos_token is None:
        tokenizer.bos_token = tokenizer.convert_ids_to_tokens(first)
    return bool(first == tokenizer.bos_token_id)


def load_base(
    folder: Path, quantisation: str, device: str, waits: Waits | None = None
) -> PreTrainedModel:
    """Return the base model, frozen, on ``device``.

    Args:
        folder: a model folder that ``inspect_model`` accepts.
        quantisation: ``"nf4"`` (4 bits, double quantised, bf16 compute) or ``"none"`` (bf16).
        device: ``"cpu"`` or ``"cuda:0"``.
        waits: which layers' experts are left in the host's memory; by default, none.

    Raises:
        UserFacingError: the weights cannot be loaded, or are not those of this model.
    """
    import torch
    from transformers.utils.logging import disable_progress_bar

    from core.models.experts.loading import pack_experts_when_loading
    from core.models.experts.modules import compute_together
    from core.models.stored.reading import Unpacking

    never_repack()
    pack_experts_when_loading(waits)
    disable_progress_bar()  # you read the log when something went wrong
    options: dict[str, Any] = {"dtype": torch.bfloat16, "device_map": {"": device}}
    if quantisation == "nf4":
        options["quantization_config"] = nf4_config()
    try:
        config = load_config(folder)
        source: str | None = str(folder)
        loader = loader_of(config)
        if stored_format(packed := getattr(config, "quantization_config", None)):
            del config.quantization_config  # unpacked here, whatever it is packed to afterwards
            paths = weight_paths(folder, {p.name: p for p in folder.iterdir() if p.is_file()})
            weights = Unpacking(paths, packed, keep_blocks=quantisation == "nf4")
            options |= {"state_dict": weights.lazily(), "config": config}
            loader, source = loader._model_mapping[type(config)], None
        model, found = loader.from_pretrained(
            source,
            local_files_only=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are named below
            use_safetensors=True,
            attn_implementation=attention_of(config),
            **options,
        )
    except Exception as error:
        if _is_about_the_machine(error):
            raise
        raise UserFacingError(
            "model.cannot_load",
            _("The base model in “{name}” cannot be loaded.", name=folder.name),
            _("Download it again, or choose another base model."),
            str(error),
        ) from error
    refuse_gaps(folder, {**found, "packed_otherwise": packed_otherwise(model)})
    model.config.use_cache = False
    model.generation_config = only_tokens(_generation_config(model, folder))
    model.requires_grad_(False)
    compute_together(model)
    loaded: PreTrainedModel = model
    return loaded


def _generation_config(model: Any, folder: Path) -> GenerationConfig:
    """Return what the folder says of making answers, also where only its weights were handed on."""
    from transformers import GenerationConfig

    if (folder / "generation_config.json").is_file():
        return GenerationConfig.from_pretrained(str(folder), local_files_only=True)
    found: GenerationConfig = model.generation_config
    return found


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

    never_run_code()
    # The type that a config names would be looked up by its name.
    config: PreTrainedConfig = AutoConfig.from_pretrained(
        str(folder), local_files_only=True, dtype=torch.bfloat16
    )
    return config


def loader_of(config: PreTrainedConfig) -> Any:
    """Return transformers' loader for a config: for text, else for text and pictures."""
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

    loaders = (AutoModelForCausalLM, AutoModelForImageTextToText)
    fitting = [loader for loader in loaders if type(config) in loader._model_mapping]
    return (fitting or loaders)[0]


def attention_of(config: PreTrainedConfig) -> str:
    """Return the attention to load a model with: ``"sdpa"``, or ``"eager"`` where it must be.

    PyTorch's own function cannot cap scores, which Gemma 2 does; sinks are brought to it. The
    attention is always said, since a config may name one of its own, from anywhere.
    """
    if config.model_type in sinks.FAMILIES:
        return sinks.register()
    return "sdpa" if loader_of(config)._model_mapping[type(config)]._supports_sdpa else "eager"


def _is_about_the_machine(error: Exception) -> bool:
    """Whether memory or card, not the model's folder, are at fault."""
    return is_out_of_memory(error) or is_card_error(error)


def refuse_gaps(folder: Path, found: dict[str, Any]) -> None:
    """Refuse weights of which the library had to make up, drop or refit some.

    They would train another model. ``inspect_model`` refuses this earlier, by what the config asks
    for; here the library reports what it found.
    """
    kinds = ("missing_keys", "unexpected_keys", "mismatched_keys", "packed_otherwise", "error_msgs")
    faults = {kind: _grave(found.get(kind) or ()) for kind in kinds}
    names = [name for kind in kinds for name in faults[kind]]
    if names:
        raise UserFacingError(
            "model.mismatch",
            _(
                "The weights in “{folder}” are not the ones that its “config.json” describes: "
                "“{name}”.",
                folder=folder.name,
                name=names[0],
            ),
            _("Download the model again, or choose another one."),
            "; ".join(f"{kind}: {those[:20]}" for kind, those in faults.items() if those),
        )


def packed_otherwise(model: torch.nn.Module) -> list[str]:
    """The 4-bit weights whose shape is not their layer's; the library packs whatever it finds."""
    names = []
    for name, module in model.named_modules():
        state = getattr(getattr(module, "weight", None), "quant_state", None)
        if state is not None and tuple(state.shape) != (module.out_features, module.in_features):
            names.append(f"{name}.weight")
    return names


def _grave(names: Iterable[Any]) -> list[str]:
    return sorted(name for name in map(str, names) if not is_harmless(name, packed=True))


def never_run_code() -> None:
    """Let transformers refuse what only a model's own code could load, instead of asking for leave.

    Where it has a class of its own, it takes that one and never asks.
    """
    from transformers import dynamic_module_utils

    dynamic_module_utils.TIME_OUT_REMOTE_CODE = 0


def never_repack() -> None:
    """Keep the 4-bit weights of every model in this process as they were quantised.

    WORKAROUND: on processors with AVX512-BF16, bitsandbytes rearranges the weights of a layer at
    its first pass that needs no gradient outside of training, and rounds their scales to 8 bits
    while it does. From then on the same model computes other numbers: a base whose layers have an
    adapter is not the base that was loaded alone, and a run that was interrupted after a validation
    would not end with the bytes of an undisturbed one.
    """
    import_bitsandbytes()
    from bitsandbytes.nn import modules

    modules.has_avx512bf16 = lambda: False


def nf4_config() -> Any:
    """Return the bitsandbytes configuration of QLoRA: NF4, double quantisation, bf16 compute.

    Dettmers et al., *QLoRA: Efficient Finetuning of Quantized LLMs*, 2023.
    """
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
        p.numel() * (2 if p.__class__.__name__ in _PACKED else 1) for p in model.parameters()
    )
    return trainable, total
