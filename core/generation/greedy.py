"""Greedy answers to a list of prompts: as soon as one ends, the next prompt takes its row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.generation.decoder import Decoder


def write_all(
    decoder: Decoder,
    prompts: Sequence[Sequence[int]],
    stops: Collection[int],
    most: int | Sequence[int],
    progress: Callable[[int], None] = lambda _done: None,
) -> list[list[int]]:
    """Return the tokens of each prompt's answer, the stop included where there was one.

    Args:
        decoder: with room for each prompt and its answer.
        stops: tokens that end an answer.
        most: tokens of an answer, of all or of each.
        progress: called with the number of finished answers; may raise to cancel.
    """
    limits = [most] * len(prompts) if isinstance(most, int) else most
    answers: list[list[int]] = [[] for _ in prompts]
    waiting = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))  # the longest first
    writing: dict[int, int] = {}
    done = 0
    while waiting or writing:
        for row in range(decoder.slots):
            if waiting and row not in writing:
                writing[row] = waiting.pop()
                decoder.keep(row, 0)
                logits = decoder.read(row, prompts[writing[row]], 0)
                answers[writing[row]].append(int(logits.argmax()))
        ended = [row for row, i in writing.items() if _has_ended(answers[i], stops, limits[i])]
        for row in ended:
            del writing[row]
        if ended:
            done += len(ended)
            progress(done)
            if not waiting:
                _close_up(decoder, writing)
            continue
        last = {row: answers[i][-1] for row, i in sorted(writing.items())}
        tokens = decoder.step(last, {}).argmax(-1).tolist()
        for row, token in zip(last, tokens, strict=True):
            answers[writing[row]].append(token)
    return answers


def _close_up(decoder: Decoder, writing: dict[int, int]) -> None:
    """Let the last answers use the first rows: a step computes all rows up to the last in use."""
    for row in range(len(writing)):
        if row not in writing:
            last = max(writing)
            decoder.move(last, row)
            writing[row] = writing.pop(last)


def _has_ended(tokens: Sequence[int], stops: Collection[int], most: int) -> bool:
    return len(tokens) >= most or tokens[-1] in stops
