"""What the model will learn from, computed before training: the job ``learning`` and its result.

Parameters (JSON): ``dataset_version`` (hash), ``base_model`` (folder). Every example is rendered
and tokenised as the training does it, but not cut: the length limit is the person's to change, so
that everything that depends on it follows from what is stored, at once and without a tokenizer.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.arrays import mapped
from core.data.dataset import PARTS, DatasetVersion
from core.data.example import Example, Part, Source
from core.errors import UserFacingError
from core.files import explained_io, read_json, write_bytes, write_json
from core.jobs.link import JobLink
from core.models.whereabouts import find_base
from core.names import Name
from core.ordinary import read_ordinary
from core.project import Project, RunFolder
from core.training.notes import about, sentences
from core.training.packing import IGNORED
from core.training.readings import end_marks
from core.training.templates import is_known, template_text
from core.training.tokens import (
    BEYOND,
    CUT_OFF,
    EMPTY,
    NO_ANSWER,
    REJECTED,
    Encoded,
    EncodedExample,
    encode,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PHASE = "Looking at what the model will learn"
FACTS = np.dtype(
    [
        ("tokens", "i4"),  # of the longest of its texts, which is usually the only one
        ("first", "i4"),  # place of the first learned token in any of them, -1 if there is none
        ("trained", "i4"),  # learned tokens of all of them
        ("fault", "u1"),  # place in FAULTS, 0 for none
        ("part", "u1"),  # place in PARTS
        ("file", "u4"),  # place in LearningSummary.files
        ("line", "u4"),
    ]
)
"""What is stored for every example of a version, in its order."""

FAULTS = ("", REJECTED + ".", EMPTY, NO_ANSWER, BEYOND + ".")
_RANDOM, _LONGEST, _FAULTY = 100, 20, 80
_REASONS_KEPT = 1000
_PROGRESS_ROWS = 200
_MOST_TEXTS = 8  # that are kept of one example
_TEXTS_LIMIT = 64 << 20  # bytes

TokenKind = Literal["masked", "trained", "end", "cut"]
_LETTERS: dict[str, TokenKind] = {"m": "masked", "t": "trained", "e": "end"}


class LearnedText(BaseModel):
    """One example as the chat template writes it, with what becomes of each token.

    Attributes:
        index: place in the dataset version, from 0.
        number: which of the example's texts it is, from 0; that of the last answer first.
        texts: how many texts the example is learned in.
        ids: token numbers, uncut.
        ends: where each token ends in ``text``.
        kinds: a letter for each token: ``m`` masked, ``t`` learned, ``e`` learned end of an answer.
        fault: why nothing can be learned, whatever the limit; ``""`` if something can.
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

    def trained(self, max_length: int) -> int:
        """Return how many tokens are learned under the limit."""
        return sum(letter != "m" for letter in self.kinds[:max_length])


class LearningSummary(BaseModel):
    """The figures of one dataset version with one base model.

    Attributes:
        files: names of the files that examples came from.
        reasons: what the chat template said about the first examples that it rejects, by place.
        end: the token that ends an answer, ``""`` if the template marks no end.
        without_end: examples whose last answer ends without it.
        known_template: the template was rendered without a limited process.
        notes: how many examples each note is about, see :mod:`core.training.notes`.
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
class Learning:
    """The finished job's result; needs no tokenizer and no torch."""

    summary: LearningSummary
    facts: NDArray[np.void]
    texts: tuple[LearnedText, ...]

    @classmethod
    def load(cls, folder: RunFolder) -> Learning:
        """Read what the job left.

        Raises:
            UserFacingError: the job has not finished, or its files are not as it writes them (code
                ``learning.damaged``).
        """
        summary = read_json(folder.learning_file)
        try:
            with explained_io(folder.root):
                found = cls(
                    LearningSummary.model_validate(summary),
                    mapped(folder.learning_facts, FACTS),
                    tuple(
                        LearnedText.model_validate_json(line)
                        for line in read_ordinary(folder.learning_texts, _TEXTS_LIMIT).splitlines()
                    ),
                )
            found.require_sound()
        except ValueError as error:
            raise UserFacingError(
                "learning.damaged",
                f"The check of the examples in “{folder.name}” is damaged.",
                "Check the examples again on the Settings page.",
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
        fault = int(self.facts["fault"][index])
        return self.summary.reasons.get(index, FAULTS[fault]) if fault else CUT_OFF

    def source(self, index: int) -> Source:
        """Return where an example came from."""
        row = self.facts[index]
        return Source(self.summary.files[row["file"]], int(row["line"]))

    def notes(self) -> list[tuple[str, str]]:
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


def run_learning(folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Render and tokenise every example of a version; gives the counts of the summary.

    Raises:
        UserFacingError: data or base model are missing, or the chat template is unsafe.
    """
    from core.models.loading import load_tokenizer

    project = Project.of_run(folder)
    version = DatasetVersion.load(project.version_folder(params["dataset_version"]))
    link.progress(PHASE)
    tokenizer = load_tokenizer(find_base(project, params["base_model"]))
    collected = _Collector(tokenizer, sum(version.counts.values()))
    for part, example in version.rows():
        collected.add(example, part)
        if collected.done % _PROGRESS_ROWS == 0:
            link.progress(PHASE, collected.done, collected.total, "examples")
    summary = collected.write(folder, params)
    for note, text in sentences(summary.notes, collected.total):
        link.emit(about(note, text))
    return {"examples": collected.done, "faults": collected.faults}


class _Collector:
    """Looks at each example once; keeps figures of all and the texts of some."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, total: int) -> None:
        self._tokenizer = tokenizer
        marks = end_marks(tokenizer)
        self._special = frozenset(tokenizer.convert_tokens_to_ids(list(marks)))
        self._wanted = _some_places(total)
        self._facts = np.zeros(total, dtype=FACTS)
        self._files: dict[str, int] = {}
        self._reasons: dict[int, str] = {}
        self._texts: dict[int, list[LearnedText]] = {}
        self._longest: list[tuple[int, int, list[LearnedText]]] = []
        self._notes: Counter[str] = Counter()
        self._learned_in: Counter[Part] = Counter()
        self._text_tokens: Counter[Part] = Counter()
        self._end = -1
        self._without_end = 0
        self.total = total
        self.done = 0
        self.faults = 0

    def add(self, example: Example, part: Part) -> None:
        """Look at one example."""
        encoded = encode(self._tokenizer, example)
        file = self._files.setdefault(example.source.file, len(self._files))
        learnable = [] if encoded.problem else [t for t in encoded.texts if t.first >= 0]
        self._facts[self.done] = (
            max((len(text.ids) for text in encoded.texts), default=0),
            min((text.first for text in learnable), default=-1),
            sum(text.trained for text in learnable),
            _fault(encoded.problem),
            PARTS.index(part),
            file,
            example.source.line,
        )
        if learnable:
            self._notes.update(encoded.notes)
            self._learned_in[part] += len(learnable)
            self._text_tokens[part] += sum(len(text.ids) for text in learnable)
            self._note_end(learnable[0])
        self._keep(self.done, example, part, encoded)
        self.done += 1

    def _note_end(self, encoded: Encoded) -> None:
        last = next(label for label in reversed(encoded.labels) if label != IGNORED)
        if last in self._special:
            self._end = last
        else:
            self._without_end += 1

    def _keep(self, index: int, example: Example, part: Part, encoded: EncodedExample) -> None:
        fault, length = encoded.problem, int(self._facts["tokens"][index])
        is_long = len(self._longest) < _LONGEST or length > self._longest[0][0]
        if fault:
            self.faults += 1
            if len(self._reasons) < _REASONS_KEPT:
                self._reasons[index] = fault
        is_shown = index in self._wanted or (bool(fault) and self.faults <= _FAULTY)
        if not (is_shown or is_long):
            return
        texts = self._learned_texts(index, example, part, encoded)
        if is_shown:
            self._texts[index] = texts
        if is_long:
            heapq.heappush(self._longest, (length, index, texts))
            if len(self._longest) > _LONGEST:
                heapq.heappop(self._longest)

    def _learned_texts(
        self, index: int, example: Example, part: Part, encoded: EncodedExample
    ) -> list[LearnedText]:
        return [
            LearnedText(
                index=index,
                file=example.source.file,
                line=example.source.line,
                part=part,
                number=number,
                texts=max(1, len(encoded.texts)),
                text=text.text,
                ids=tuple(text.ids),
                ends=tuple(end for _, end in text.offsets),
                kinds=token_letters(text, self._special),
                fault=encoded.problem,
            )
            for number, text in enumerate(encoded.texts[:_MOST_TEXTS] or [_NOTHING])
        ]

    def write(self, folder: RunFolder, params: dict[str, Any]) -> LearningSummary:
        """Write the result into the run folder, the summary last; return that."""
        kept = {**{index: texts for _, index, texts in self._longest}, **self._texts}
        texts = [text for index in sorted(kept) for text in kept[index]]
        lines = [text.model_dump_json().encode() + b"\n" for text in texts]
        write_bytes(folder.learning_texts, b"".join(lines), durable=False)
        np.save(folder.learning_facts, self._facts[: self.done])
        end = "" if self._end < 0 else str(self._tokenizer.convert_ids_to_tokens(self._end))
        summary = LearningSummary(
            dataset_version=params["dataset_version"],
            base_model=params["base_model"],
            files=tuple(self._files),
            reasons=self._reasons,
            end=end,
            without_end=self._without_end,
            known_template=is_known(template_text(self._tokenizer)),
            notes=dict(self._notes),
            texts=dict(self._learned_in),
            text_tokens=dict(self._text_tokens),
        )
        write_json(folder.learning_file, summary.model_dump(mode="json"), durable=False)
        return summary


_NOTHING = Encoded("", [], [], [])


def _fault(problem: str) -> int:
    """Return the place of a problem's kind in :data:`FAULTS`."""
    kinds = (n for n, kind in enumerate(FAULTS) if kind and problem.startswith(kind[:-1]))
    return next(kinds, 0)


def _some_places(total: int) -> frozenset[int]:
    """Return random places; the same for the same number of examples."""
    chosen = np.random.default_rng(total).choice(total, min(_RANDOM, total), replace=False)
    return frozenset(chosen.tolist())


def token_letters(encoded: Encoded, special: frozenset[int]) -> str:
    """Return the letter of each token, see :class:`LearnedText`.

    A special token that is learned and followed by a masked one (or nothing) ends an answer.
    """
    letters = []
    for place, (token, label) in enumerate(zip(encoded.ids, encoded.labels, strict=True)):
        following = encoded.labels[place + 1 : place + 2] or [IGNORED]
        is_end = token in special and following[0] == IGNORED
        letters.append("m" if label == IGNORED else "e" if is_end else "t")
    return "".join(letters)


def run_leave_out(folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Write the version without the examples that cannot be learned; gives its hash and count.

    Parameters: ``learning_run`` (name of a finished ``learning`` run) and ``max_length``.

    Raises:
        UserFacingError: nothing would be left.
    """
    from core.data.revision import leave_out

    project = Project.of_run(folder)
    learning = Learning.load(project.run(params["learning_run"]))
    link.progress("Writing your examples")
    version = DatasetVersion.load(project.version_folder(learning.summary.dataset_version))
    reasons = {int(n): learning.reason(int(n)) for n in learning.unlearnable(params["max_length"])}
    revised = leave_out(version, reasons, project.versions)
    return {
        "content_hash": revised.content_hash,
        "left_out": len(reasons),
        "counts": revised.counts,
        "added": revised.meta.added,
        "problems": [_problem(learning, n) for n in list(reasons)[:_REASONS_KEPT]],
    }


def _problem(learning: Learning, index: int) -> dict[str, Any]:
    source = learning.source(index)
    return {"file": source.file, "line": source.line, "reason": learning.reason(index)}
