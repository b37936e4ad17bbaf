"""Asking a loaded model a few questions: rendered, tokenised and answered greedily."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.chat.template import Chat, render_chat

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig

ANSWER_TOKENS = 48


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
    import torch

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
    return str(tokenizer.decode(new, skip_special_tokens=True)).strip(), ended


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
