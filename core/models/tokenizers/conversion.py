"""SentencePiece and Tekken files as tokenizers of Hugging Face's library, token for token the same.

What comes out is compared with SentencePiece itself on texts of many kinds before it is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.models.tokenizers.pieces import (
    BPE,
    BYTE,
    CONTROL,
    NORMAL,
    OWN,
    UNIGRAM,
    UNKNOWN,
    Pieces,
    read_pieces,
)

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.models import Model
    from tokenizers.normalizers import Normalizer

SPACE = "\u2581"  # how SentencePiece writes a space
SAMPLES = (  # not shown
    "Hello, world!", "hello", " two  spaces   and more ", "", "a", "Line one.\nLine two.\n\n\tTab.",
    "def f(x):\n    return x ** 2  # 1,234.56", "Größe, naïve, œuvre, Ελληνικά, русский, עברית",
    "日本語のテキスト、中文文本。한국어", "👩\u200d👩\u200d👧 emoji 🙂 café cafe\u0301",
    "https://example.org/a?b=c&d=e", "1234567890 3.14159 -42 %$§", "ﬁ ½ ① Å\u00a0\u3000x",
    "{\"key\": [null, true, \"value\"]}", "The quick brown fox jumps over the lazy dog.\r\n",
)  # fmt: skip


def from_sentencepiece(path: Path) -> Tokenizer:
    """Return the tokenizer of a SentencePiece file.

    Raises:
        ValueError: the file cannot be read, or its tokens would not be the same.
    """
    pieces = read_pieces(path)
    if pieces.model not in (UNIGRAM, BPE) or not pieces.is_plain:
        raise ValueError(f"a SentencePiece model of kind {pieces.model}")
    tokenizer = _built(pieces)
    _compare(tokenizer, path)
    return tokenizer


def from_tekken(path: Path) -> Tokenizer:
    """Return the tokenizer of a Tekken file, as transformers reads it.

    Raises:
        ValueError: the file cannot be read.
    """
    from transformers.integrations.mistral.tokenizer import MistralConverter

    try:
        tokenizer: Tokenizer = MistralConverter(str(path)).converted()
    except Exception as error:  # strange values surface as errors of any kind
        raise ValueError(str(error)) from error
    return tokenizer


def _built(pieces: Pieces) -> Tokenizer:
    from tokenizers import AddedToken, Tokenizer, decoders, models

    numbers = {token.text: number for number, token in enumerate(pieces.tokens)}
    unknown = next(iter(pieces.of_kind(UNKNOWN)), None)
    by_bytes = bool(pieces.of_kind(BYTE))
    if pieces.model == BPE:
        model: Model = models.BPE(
            vocab=numbers, merges=_merges(pieces, numbers), unk_token=unknown, fuse_unk=True,
            byte_fallback=by_bytes,
        )  # fmt: skip
    else:
        scored = [(token.text, token.score) for token in pieces.tokens]
        model = models.Unigram(scored, numbers.get(str(unknown)), by_bytes)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = _normalizer(pieces)
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    if pieces.begins_with_space:
        steps.append(decoders.Strip(" ", left=1))
    tokenizer.decoder = decoders.Sequence(steps)
    special = pieces.of_kind(UNKNOWN, CONTROL)
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in special])
    own = [text for text in pieces.of_kind(OWN) if SPACE not in text]
    tokenizer.add_tokens([AddedToken(t, normalized=False, special=False) for t in own])
    return tokenizer


def _merges(pieces: Pieces, numbers: dict[str, int]) -> list[tuple[str, str]]:
    """Return which pairs become one, those of the best piece first."""
    usable = {token.text for token in pieces.tokens if token.kind == NORMAL}
    found = []
    for token in pieces.tokens:
        if token.kind != NORMAL:
            continue
        for place in range(1, len(token.text)):
            left, right = token.text[:place], token.text[place:]
            if left in usable and right in usable:
                found.append((-token.score, numbers[token.text], numbers[left], left, right))
    return [(left, right) for *_, left, right in sorted(found)]


def _normalizer(pieces: Pieces) -> Normalizer:
    from tokenizers import Regex, normalizers

    steps: list[Normalizer] = []
    if pieces.charsmap:
        charsmap = normalizers.Precompiled(pieces.charsmap)
        if (alone := charsmap.normalize_str("\r")) != "\r":  # with "\n" it is one character there
            steps.append(normalizers.Replace("\r", alone))
        steps.append(charsmap)
    if pieces.joins_spaces:
        steps += [normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    if pieces.begins_with_space:
        steps.append(normalizers.Prepend(SPACE))
    return normalizers.Sequence([*steps, normalizers.Replace(" ", SPACE)])


def _compare(tokenizer: Tokenizer, path: Path) -> None:
    """Compare with SentencePiece itself.

    Raises:
        ValueError: a text becomes other tokens.
    """
    from sentencepiece import SentencePieceProcessor

    original = SentencePieceProcessor(model_file=str(path))
    for text in SAMPLES:
        theirs, ours = original.encode(text), tokenizer.encode(text, add_special_tokens=False).ids
        if theirs != ours:
            raise ValueError(f"{text!r} would become {ours[:20]} instead of {theirs[:20]}")
