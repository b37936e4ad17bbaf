"""From tokens to the text of an answer, piece by piece: reasoning apart, stop texts left out.

The pieces of an answer joined are exactly what the whole answer would be, trimmed: characters that
take several tokens wait for the last of them, and so does whatever might still become a marker, a
stop text or trailing space.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_OPENERS = ("<think>", "<thinking>", "[THINK]", "<seed:think>", "<|channel|>analysis<|message|>")
_CLOSERS = ("</think>", "</thinking>", "[/THINK]", "</seed:think>")
_FINALS = ("<|channel|>final<|message|>",)
_FRAMES = ("<|end|>", "<|start|>assistant", "<|return|>")  # around the channels of gpt-oss
_CHANNEL = "<|channel|>"


@dataclass(frozen=True, slots=True)
class Written:
    """Some text of an answer, or (``thinking``) of the reasoning before it."""

    text: str
    thinking: bool = False


class Writer:
    """Turns the tokens of one answer into text.

    Attributes:
        stopped: a stop text was written; nothing more will come.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, prompt: str, stop: Sequence[str] = ()
    ) -> None:
        """Begin an answer to ``prompt``, which may have opened the reasoning already."""
        from tokenizers.decoders import DecodeStream

        self._tokens = tokenizer.backend_tokenizer
        self._stream = DecodeStream(skip_special_tokens=False)
        channels = _CHANNEL in tokenizer.get_vocab()
        self._dropped = _dropped(tokenizer, channels)
        frames = _FRAMES if channels else ()
        self._stops = tuple(text for text in stop if text)
        self._marks = (*_OPENERS, *_CLOSERS, *(_FINALS if channels else ()), *frames)
        self._thinking = prompt.rstrip().endswith(_OPENERS)
        self._held = ""
        self._begun = {False: False, True: False}
        self.stopped = False

    def feed(self, token: int) -> list[Written]:
        """Return what can be shown now that ``token`` was written."""
        if self.stopped or token in self._dropped:
            return []
        self._held += self._stream.step(self._tokens, token) or ""
        return list(self._shown())

    def close(self) -> list[Written]:
        """Return what was held back, after the last token."""
        if self.stopped:
            return []
        text, self._held = self._held.rstrip(), ""
        return list(self._written(text))

    def _shown(self) -> Iterable[Written]:
        while True:
            found = self._first_mark()
            if found is None:
                break
            at, mark = found
            before, self._held = self._held[:at], self._held[at + len(mark) :]
            if mark in self._stops and not self._thinking:
                yield from self._written(before.rstrip())
                self.stopped, self._held = True, ""
                return
            yield from self._written(before.rstrip() if self._ends_here(mark) else before)
            self._thinking = self._thinking_after(mark)
        keep = _waiting(self._held, self._patterns())
        ready, self._held = self._held[: len(self._held) - keep], self._held[-keep:] if keep else ""
        yield from self._written(ready)

    def _patterns(self) -> tuple[str, ...]:
        return self._marks if self._thinking else (*self._marks, *self._stops)

    def _first_mark(self) -> tuple[int, str] | None:
        places = [(self._held.find(mark), -len(mark), mark) for mark in self._patterns()]
        found = min((place for place in places if place[0] >= 0), default=None)
        return None if found is None else (found[0], found[2])

    def _ends_here(self, mark: str) -> bool:
        return self._thinking_after(mark) != self._thinking

    def _thinking_after(self, mark: str) -> bool:
        if mark in _OPENERS:
            return True
        return False if mark in _CLOSERS or mark in _FINALS else self._thinking

    def _written(self, text: str) -> Iterable[Written]:
        if not self._begun[self._thinking]:
            text = text.lstrip()
        if text:
            self._begun[self._thinking] = True
            yield Written(text, self._thinking)


def _dropped(tokenizer: PreTrainedTokenizerBase, channels: bool) -> frozenset[int]:
    """The special tokens that belong to no text; those of markers are kept."""
    kept = {*_OPENERS, *_CLOSERS}
    if channels:
        kept |= {_CHANNEL, "<|message|>", "<|start|>", "<|end|>", "<|return|>"}
    ids = zip(tokenizer.all_special_ids, tokenizer.all_special_tokens, strict=True)
    return frozenset(token for token, text in ids if text not in kept)


def _waiting(text: str, patterns: Iterable[str]) -> int:
    """How many characters at the end may be the beginning of a pattern, or are white space."""
    most = len(text) - len(text.rstrip())
    for pattern in patterns:
        for size in range(min(len(pattern) - 1, len(text)), 0, -1):
            if text.endswith(pattern[:size]):
                space = len(text[:-size]) - len(text[:-size].rstrip())
                most = max(most, size + space)
                break
    return most
