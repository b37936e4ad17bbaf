"""Answers of base model and fine-tune: greedy, in batches, through the base model's chat template.

The base's answers come from the same loaded base with the adapter disabled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.chat.cuts import Answer
from core.chat.readings import reader_of
from core.chat.tokens import render_prompt
from core.data.example import Message
from core.generation.greedy import write_all
from core.generation.room import rows_for

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_REASONING_ENDS = ("</think>", "[/THINK]", "</seed:think>")
_CHANNELS = ("<|channel|>final<|message|>",)  # special tokens, which plain text does not hold
_AT_ONCE = {"cuda": 64, "cpu": 32}  # a step unpacks all weights, for one row or for many
_SHARE = 0.4  # of the free memory, for the keys and values of all rows
_MARK = re.compile(r"<\|[a-z_]+\|>")


def stop_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return the tokens that end an answer: the model's, the tokenizer's and the template's own."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    stops = set(configured if isinstance(configured, list) else [configured])
    stops.add(tokenizer.eos_token_id)
    if end := reader_of(tokenizer).end:
        stops.add(tokenizer.convert_tokens_to_ids(end))
    return sorted(token for token in stops if token is not None)


def generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    *,
    max_new_tokens: int,
) -> list[str]:
    """Return one short greedy answer for each prompt (rendered by the chat template).

    transformers' own way, which needs no preparation: for a few words between two steps of a run.
    """
    found = _generate_batch(model, tokenizer, list(prompts), max_new_tokens)
    return [answer.text for answer in found]


def generate_answers(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    *,
    max_new_tokens: int | Sequence[int],
    batch_size: int = 0,
    progress: Callable[[int], None] = lambda _done: None,
) -> list[Answer]:
    """Return one greedy answer for each prompt, and whether it was cut.

    Reasoning before an answer is not part of it. All prompts that there are belong into one call:
    what it prepares takes time, and so does its last answer, which is written alone.

    Args:
        max_new_tokens: of every answer, or of each.
        batch_size: so many are written at once; 0 for what the device does well.
    """
    from core.generation.choice import borrowed

    if not prompts:
        return []
    ids = [list(tokenizer(p, add_special_tokens=False)["input_ids"]) for p in prompts]
    limits = _limits(max_new_tokens, len(prompts))
    context = max(len(some) + limit for some, limit in zip(ids, limits, strict=True))
    batch_size = batch_size or _AT_ONCE[model.get_output_embeddings().weight.device.type]
    slots = _rows(model, context, min(batch_size, len(prompts)))
    with borrowed(model, slots, context) as decoder:
        if decoder is not None:
            stops = stop_tokens(model, tokenizer)
            written = write_all(decoder, ids, stops, limits, progress)
            return _answers(tokenizer, written, stops)
    order = sorted(range(len(prompts)), key=lambda i: (limits[i], len(prompts[i]), i))
    answers = [Answer("")] * len(prompts)
    for first in range(0, len(order), batch_size):
        chosen = order[first : first + batch_size]
        most = max(limits[i] for i in chosen)
        found = _generate_batch(model, tokenizer, [prompts[i] for i in chosen], most)
        for index, answer in zip(chosen, found, strict=True):
            answers[index] = answer
        progress(first + len(chosen))
    return answers


def _limits(most: int | Sequence[int], count: int) -> list[int]:
    return [most] * count if isinstance(most, int) else list(most)


def _rows(model: PreTrainedModel, context: int, most: int) -> int:
    device = str(model.get_output_embeddings().weight.device)
    return rows_for(model.config.get_text_config(), device, context, most, _SHARE)


def _answers(
    tokenizer: PreTrainedTokenizerBase, tokens: list[list[int]], stops: list[int]
) -> list[Answer]:
    written = tokenizer.batch_decode(tokens, skip_special_tokens=False)
    plain = tokenizer.batch_decode(tokens, skip_special_tokens=True)
    texts = [without_reasoning(*pair) for pair in zip(written, plain, strict=True)]
    return [
        Answer(text, cut=not set(stops) & set(some))
        for text, some in zip(texts, tokens, strict=True)
    ]


def _generate_batch(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: list[str],
    max_new_tokens: int,
) -> list[Answer]:
    """The same for families that the fast decoder does not suit."""
    import torch

    device = model.get_output_embeddings().weight.device  # the embedding may wait on the host
    encoded = tokenizer(
        prompts,
        add_special_tokens=False,
        return_tensors="pt",
        padding=True,
        padding_side="left",
    ).to(device)
    stops = stop_tokens(model, tokenizer)
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
            eos_token_id=stops,
            pad_token_id=tokenizer.pad_token_id,
        )
    new: list[list[int]] = output[:, encoded["input_ids"].shape[1] :].tolist()
    return _answers(tokenizer, new, stops)


def without_reasoning(written: str, plain: str) -> str:
    """Return what follows the reasoning; all of it where there is none, or it did not end."""
    if any(end in written for end in _CHANNELS):
        plain = _MARK.sub("", re.split("|".join(map(re.escape, _CHANNELS)), written)[-1])
    for end in _REASONING_ENDS:
        plain = plain.rpartition(end)[2]
    return plain.strip()


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
    """Writes a short answer to one fixed question, so that progress can be read.

    ``expected``: what the example answers, to be shown beside it.
    """

    model: PeftModel
    tokenizer: PreTrainedTokenizerBase
    question: Sequence[Message]
    max_new_tokens: int = 48
    expected: str = ""

    def sample(self) -> tuple[str, str]:
        """Return (question, answer of the model as it is now)."""
        with evaluating(self.model):
            (answer,) = generate(
                self.model,
                self.tokenizer,
                [render_prompt(self.tokenizer, self.question)],
                max_new_tokens=self.max_new_tokens,
            )
        return self.question[-1].content if self.question else "", answer
