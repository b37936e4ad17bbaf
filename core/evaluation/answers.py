"""Answers of base and tuned model: greedy, in batches, through the base model's chat template.

The base's answers come from the same loaded base with the adapter disabled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.example import Message
from core.training.tokens import render_prompt

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def stop_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return the tokens that end an answer: the model's, the tokenizer's and the template's own."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    stops = set(configured if isinstance(configured, list) else [configured])
    stops.add(tokenizer.eos_token_id)
    stops.add(_template_end(tokenizer))
    return sorted(token for token in stops if token is not None)


def _template_end(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The last special token that the chat template writes after an answer."""
    sample = [Message("user", "a"), Message("assistant", "b")]
    text: str = tokenizer.apply_chat_template(
        [{"role": m.role, "content": m.content} for m in sample], tokenize=False
    ).rstrip()
    for token in sorted(tokenizer.all_special_tokens, key=len, reverse=True):
        if text.endswith(token):
            number: int = tokenizer.convert_tokens_to_ids(token)
            return number
    return None


def generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    *,
    max_new_tokens: int,
    batch_size: int = 32,
    progress: Callable[[int], None] = lambda _done: None,
) -> list[str]:
    """Return one greedy answer for each prompt (rendered by the chat template).

    Prompts of similar length share a batch, padded on the left.
    """
    order = sorted(range(len(prompts)), key=lambda i: (len(prompts[i]), i))
    answers = [""] * len(prompts)
    for first in range(0, len(order), batch_size):
        chosen = order[first : first + batch_size]
        texts = _generate_batch(model, tokenizer, [prompts[i] for i in chosen], max_new_tokens)
        for index, text in zip(chosen, texts, strict=True):
            answers[index] = text
        progress(first + len(chosen))
    return answers


def _generate_batch(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: list[str],
    max_new_tokens: int,
) -> list[str]:
    import torch

    device = model.get_output_embeddings().weight.device  # the embedding may wait on the host
    encoded = tokenizer(
        prompts,
        add_special_tokens=False,
        return_tensors="pt",
        padding=True,
        padding_side="left",
    ).to(device)
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
        output: Any = model.generate(
            input_ids=encoded["input_ids"],
            attention_mask=encoded["attention_mask"],
            max_new_tokens=max_new_tokens,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            use_cache=True,
            eos_token_id=stop_tokens(model, tokenizer),
            pad_token_id=tokenizer.pad_token_id,
        )
    new = output[:, encoded["input_ids"].shape[1] :]
    return [text.strip() for text in tokenizer.batch_decode(new, skip_special_tokens=True)]


@contextmanager
def evaluating(model: PeftModel) -> Iterator[None]:
    """Switch dropout off, and back to what it was afterwards."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@dataclass(frozen=True)
class Answerer:
    """Writes a short answer to one fixed question, so that progress can be read."""

    model: PeftModel
    tokenizer: PreTrainedTokenizerBase
    question: Sequence[Message]
    max_new_tokens: int = 48

    def sample(self) -> tuple[str, str]:
        """Return (question, answer of the model as it is now)."""
        with evaluating(self.model):
            (answer,) = generate(
                self.model,
                self.tokenizer,
                [render_prompt(self.tokenizer, self.question)],
                max_new_tokens=self.max_new_tokens,
            )
        return self.question[-1].content, answer
