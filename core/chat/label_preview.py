"""What the model will learn from, as the job ``preview`` found it; needs no tokenizer.

See :mod:`core.chat.label_preview_job`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.chat.notes import sentences
from core.chat.tokens import (
    BEYOND,
    CUT_OFF,
    EMPTY,
    NO_ANSWER,
    REJECTED,
)
from core.data.dataset import PARTS
from core.data.example import Part, Source
from core.errors import UserFacingError
from core.language import N_, Sentence, _
from core.project import RunFolder
from core.storage.arrays import mapped
from core.storage.files import explained_io, read_json
from core.storage.names import Name
from core.storage.ordinary import read_ordinary

if TYPE_CHECKING:
    pass

FACTS = np.dtype(
    [
        ("tokens", "i4"),  # of the longest of its texts, which is usually the only one
        ("first", "i4"),  # place of the first learned token in any of them, -1 if there is none
        ("trained", "i4"),  # learned tokens of all of them
        ("fault", "u1"),  # place in FAULTS, 0 for none
        ("part", "u1"),  # place in PARTS
        ("file", "u4"),  # place in LabelPreviewSummary.files
        ("line", "u4"),
    ]
)
"""What is stored for every example of a version, in its order."""

FAULTS = ("", REJECTED, EMPTY, NO_ANSWER, BEYOND)
"""What can be wrong with an example, as stored in ``fault``: append only."""

_WITHOUT_DETAIL = {
    REJECTED: N_("The base model's chat template cannot show this conversation."),
    BEYOND: N_("The tokenizer writes it with a token that the base model does not have."),
}
_TEXTS_LIMIT = 64 << 20  # bytes

TokenKind = Literal["masked", "trained", "end", "cut"]
_LETTERS: dict[str, TokenKind] = {"m": "masked", "t": "trained", "e": "end"}


class LabelledText(BaseModel):
    """One example as the chat template writes it, with what becomes of each token.

    Attributes:
        index: place in the dataset version, from 0.
        number: which of the example's texts it is, from 0; that of the last answer first.
        texts: how many texts the example is learned in.
        ids: token numbers, uncut.
        ends: where each token ends in ``text``.
        kinds: a letter for each token: ``m`` masked, ``t`` learned, ``e`` learned end of an answer.
        fault: why nothing can be learned, whatever the limit, in English; ``""`` if something can.
    """

    model_config = ConfigDict(frozen=True)

    index: int
    file: str
    line: int
    part: Part
    number: int = 0
    texts: int = 1
    text: str = ""
    ids: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    kinds: str = ""
    fault: str = ""

    def runs(self, max_length: int) -> Iterator[tuple[TokenKind, str]]:
        """Yield the text in pieces of one kind; tokens from ``max_length`` on are cut."""
        begin, piece, kind = 0, "", None
        for place, (letter, end) in enumerate(zip(self.kinds, self.ends, strict=True)):
            now: TokenKind = "cut" if place >= max_length else _LETTERS[letter]
            if kind is not None and now != kind:
                yield kind, piece
                piece = ""
            piece += self.text[begin : max(begin, end)]
            kind, begin = now, max(begin, end)
        if kind is not None:
            yield kind, piece + self.text[begin:]

    @property
    def problem(self) -> str:
        """``fault`` in the present language."""
        return in_the_present_language(self.fault)

    def trained(self, max_length: int) -> int:
        """Return how many tokens are learned under the limit."""
        return sum(letter != "m" for letter in self.kinds[:max_length])


class LabelPreviewSummary(BaseModel):
    """The figures of one dataset version with one base model.

    Attributes:
        files: names of the files that examples came from.
        reasons: why nothing can be learned from the first such examples, in English, by place.
        end: the token that ends an answer, ``""`` if the template marks no end.
        without_end: examples whose last answer ends without it.
        known_template: the template was rendered without a limited process.
        notes: how many examples each note is about, see :mod:`core.chat.notes`.
        texts: how many texts each part is learned in, at least one for each example.
        text_tokens: their tokens, by part.
    """

    model_config = ConfigDict(frozen=True)

    dataset_version: Name
    base_model: str
    files: tuple[str, ...] = ()
    reasons: dict[int, str] = Field(default_factory=dict)
    end: str = ""
    without_end: int = 0
    known_template: bool = True
    notes: dict[str, int] = Field(default_factory=dict)
    texts: dict[Part, int] = Field(default_factory=dict)
    text_tokens: dict[Part, int] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelPreview:
    """The finished job's result; needs no tokenizer and no torch."""

    summary: LabelPreviewSummary
    facts: NDArray[np.void]
    texts: tuple[LabelledText, ...]

    @classmethod
    def load(cls, folder: RunFolder) -> LabelPreview:
        """Read what the job left.

        Raises:
            UserFacingError: the job has not finished, or its files are not as it writes them (code
                ``preview.damaged``).
        """
        summary = read_json(folder.label_preview_file)
        try:
            with explained_io(folder.root):
                found = cls(
                    LabelPreviewSummary.model_validate(summary),
                    mapped(folder.label_preview_facts, FACTS),
                    tuple(
                        LabelledText.model_validate_json(line)
                        for line in read_ordinary(
                            folder.label_preview_texts, _TEXTS_LIMIT
                        ).splitlines()
                    ),
                )
            found.require_sound()
        except ValueError as error:
            raise UserFacingError(
                "learning.damaged",
                _(
                    "The stored result of checking your examples (“{folder}”) is damaged.",
                    folder=folder.name,
                ),
                _("Check the examples again on the Settings page."),
                str(error),
            ) from error
        return found

    def require_sound(self) -> None:
        """Refuse places that lead nowhere.

        Raises:
            ValueError: there are some.
        """
        facts = self.facts
        sound = (facts["fault"] < len(FAULTS)) & (facts["part"] < len(PARTS))
        sound &= facts["file"] < max(1, len(self.summary.files))
        if not sound.all() or any(not 0 <= text.index < len(facts) for text in self.texts):
            raise ValueError("a place that leads nowhere")

    def __len__(self) -> int:
        return len(self.facts)

    def unlearnable(self, max_length: int) -> NDArray[np.int64]:
        """Return the places of the examples of which nothing would be learned."""
        first = self.facts["first"]
        return np.flatnonzero((first < 0) | (first >= max_length))

    def cut(self, max_length: int) -> NDArray[np.int64]:
        """Return the places of the examples that lose their end, but not everything."""
        first, tokens = self.facts["first"], self.facts["tokens"]
        return np.flatnonzero((tokens > max_length) & (first >= 0) & (first < max_length))

    def reason(self, index: int) -> str:
        """Return why nothing would be learned from an example."""
        fault = FAULTS[int(self.facts["fault"][index])]
        if not fault:
            return _(CUT_OFF)
        if index in self.summary.reasons:
            return in_the_present_language(self.summary.reasons[index])
        return _(_WITHOUT_DETAIL.get(fault, fault))

    def source(self, index: int) -> Source:
        """Return where an example came from."""
        row = self.facts[index]
        return Source(self.summary.files[row["file"]], int(row["line"]))

    def notes(self) -> list[tuple[str, Sentence]]:
        """Return what was done so that the template shows the examples, most urgent first."""
        return sentences(self.summary.notes, len(self))

    def length_for_all(self) -> int:
        """Return the smallest limit under which no answer is lost or cut."""
        learnable = self.facts["first"] >= 0
        return int(self.facts["tokens"][learnable].max(initial=0))

    def trained_share(self, max_length: int) -> float:
        """Return the part of the tokens that is learned (estimated for examples that are cut)."""
        tokens = np.minimum(self.facts["tokens"], max_length).sum()
        lost = np.maximum(self.facts["tokens"] - max_length, 0)
        trained = np.maximum(self.facts["trained"] - lost, 0).sum()
        return float(trained / tokens) if tokens else 0.0


def in_the_present_language(english: str) -> str:
    """Return a stored sentence about an example as the present language says it."""
    for template in FAULTS[1:]:
        begin, _brace, rest = template.partition("{")
        name, _brace, end = rest.partition("}")
        if not name and english == template:
            return _(template)
        if name and english.startswith(begin) and english.endswith(end):
            return _(template, **{name: english[len(begin) : len(english) - len(end)]})
    return english
