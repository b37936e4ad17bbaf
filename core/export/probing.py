"""Asking a loaded model a few questions: rendered, tokenised and answered greedily."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.chat.template import Chat, render_chat
from core.generation.answers import without_reasoning

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig

ANSWER_TOKENS = 48
"""Room of the first answer."""
SHORT_TOKENS = 24
"""Room of each further answer."""
PATIENCE = 4
"""An answer of other words may be longer, but must end by itself."""


def room(place: int, *, cut: bool) -> int:
    """Return the most tokens of an export's answer to the question at ``place``.

    Args:
        cut: the fine-tune's answer was cut at its limit; then the export's is cut there too.
    """
    if not cut:
        return PATIENCE * ANSWER_TOKENS
    return SHORT_TOKENS if place else ANSWER_TOKENS


class Spoken(NamedTuple):
    """An answer; ``ended``: before the limit; ``speed``: tokens a second."""

    text: str
    ended: bool
    speed: float


def rendered(tokenizer: Any, chats: list[Chat]) -> list[str]:
    """Return what the chat template makes of the conversations, ready for an answer."""
    return [render_chat(tokenizer, one, add_generation_prompt=True) for one in chats]


def token_ids(tokenizer: Any, prompts: list[str]) -> list[list[int]]:
    """Return the token numbers of each prompt."""
    return [list(tokenizer(prompt, add_special_tokens=False)["input_ids"]) for prompt in prompts]


def end_settings(**values: Any) -> GenerationConfig:
    """Return settings that say only where answers end."""
    from transformers import GenerationConfig

    return GenerationConfig(**values)


def answer(
    model: Any, tokenizer: Any, prompt: str, settings: GenerationConfig, most: int = ANSWER_TOKENS
) -> tuple[str, bool]:
    """Return the answer and whether it ended before the limit; only ``settings`` say where."""
    text, ended, _speed = spoken(model, tokenizer, prompt, settings, most)
    return text, ended


def spoken_answers(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    settings: GenerationConfig,
    limits: Sequence[int],
) -> list[Spoken]:
    """Return the answers to the first prompts; the first one is always asked for."""
    found = []
    for prompt, most in zip(prompts, limits or (PATIENCE * ANSWER_TOKENS,), strict=False):
        found.append(spoken(model, tokenizer, prompt, settings, most))
    return found


def spoken(
    model: Any, tokenizer: Any, prompt: str, settings: GenerationConfig, most: int
) -> Spoken:
    """Return one greedy answer; only ``settings`` say where it ends."""
    import torch

    began = time.perf_counter()

    encoded = tokenizer(prompt, add_special_tokens=False, return_tensors="pt").to(
        model.get_output_embeddings().weight.device
    )
    with torch.no_grad():
        output = model.generate(
            input_ids=encoded["input_ids"],
            attention_mask=encoded["attention_mask"],
            generation_config=settings,
            max_new_tokens=most,
            do_sample=False,
        )
    new = output[0, encoded["input_ids"].shape[1] :]
    ended = len(new) > 0 and int(new[-1]) in _ends(settings)
    written = str(tokenizer.decode(new, skip_special_tokens=False))
    plain = str(tokenizer.decode(new, skip_special_tokens=True))
    speed = len(new) / max(time.perf_counter() - began, 1e-6)
    return Spoken(without_reasoning(written, plain), ended, speed)


def _ends(settings: GenerationConfig) -> set[int]:
    ends: int | list[int] | None = settings.eos_token_id
    return set(ends) if isinstance(ends, list) else {ends} if ends is not None else set()


def last_logits(model: Any, tokenizer: Any, prompts: list[str]) -> torch.Tensor:
    """Return [n, V] float32 logits after the last token of each prompt."""
    import torch

    rows = []
    device = next(model.parameters()).device
    for prompt in prompts:
        encoded = tokenizer(prompt, add_special_tokens=False, return_tensors="pt").to(device)
        with torch.no_grad():
            logits = model(input_ids=encoded["input_ids"], use_cache=False).logits
        rows.append(logits[0, -1].float().cpu())
    return torch.stack(rows)


def other_text(tokenizer: Any, chats: list[Chat], prompts: list[str], ids: list[list[int]]) -> str:
    """Say what the exported tokenizer or template makes otherwise, ``""`` for nothing."""
    texts = rendered(tokenizer, chats)
    for text, expected in zip(texts, prompts, strict=True):
        if text != expected:
            return f"the chat template gives {text!r}, not {expected!r}"  # not shown: details
    for found, wanted in zip(token_ids(tokenizer, texts), ids, strict=True):
        if found != wanted:
            return f"the tokenizer gives {found}, not {wanted}"  # not shown: technical details
    return ""
