"""Examples as the model sees them: token numbers, and which tokens are learned.

A token is learned when it belongs to an assistant's turn, from its first character up to and with
the token that ends the answer. Everything else is masked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.chat.notes import named, packed
from core.chat.packing import IGNORED, PackedBatch, Row, collate, pack, spread
from core.chat.readings import Reading, Span, reader_of
from core.chat.template import TemplateRejectsError
from core.data.example import Example, Message, located
from core.errors import UserFacingError
from core.language import N_, Sentence, _, ngettext, one_after_another
from core.models.vocabulary import rows_of
from core.storage.files import fsync_directory, fsync_file, make_folder

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase

REJECTED = N_("The base model's chat template cannot show this conversation: {reason}.")
EMPTY = N_("The chat template shows nothing of this example.")
NO_ANSWER = N_("This example has no answer to learn from.")
CUT_OFF = N_("The answer begins after the cut, so the model would learn nothing from it.")
BEYOND = N_("The tokenizer writes it with a token that the base model does not have: “{token}”.")
Fault = Sentence | Literal[""]
"""Why nothing can be learned from an example; its source is one of the sentences above."""
_NAMED = 5
_SPACE = "▁"  # how SentencePiece writes one


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text that the model reads, before the cut.

    Attributes:
        text: what the chat template made of the example.
        ids: token numbers.
        labels: ``ids`` where the token is learned, ``IGNORED`` elsewhere.
        offsets: where each token begins and ends in ``text``.
    """

    text: str
    ids: list[int]
    labels: list[int]
    offsets: list[Span]

    @property
    def first(self) -> int:
        """The place of the first learned token, -1 if there is none."""
        return next((n for n, label in enumerate(self.labels) if label != IGNORED), -1)

    @property
    def trained(self) -> int:
        """How many tokens are learned."""
        return sum(label != IGNORED for label in self.labels)


@dataclass(frozen=True, slots=True)
class EncodedExample:
    """A whole example before the cut.

    Attributes:
        texts: usually one; that of the last answer first.
        notes: what had to be done with it or is missing, see :mod:`core.chat.notes`.
        problem: why nothing can be learned from it, whatever the limit; ``""`` if it can.
    """

    texts: tuple[Encoded, ...]
    notes: frozenset[str] = frozenset()
    problem: Fault = ""


@dataclass(frozen=True, slots=True)
class TokenisedExample:
    """One text of an example after the chat template, the tokenizer and the cut.

    Attributes:
        ids: token numbers, at most ``max_length``.
        labels: ``ids`` where the token is learned, ``IGNORED`` elsewhere.
        cut: how many tokens did not fit.
        problem: why nothing can be learned from it, in plain words; ``""`` if it can.
    """

    ids: tuple[int, ...]
    labels: tuple[int, ...]
    cut: int = 0
    problem: Fault = ""

    @property
    def trained(self) -> int:
        """How many tokens are learned."""
        return sum(label != IGNORED for label in self.labels)

    @property
    def row(self) -> Row:
        """The same as the collator's input."""
        return Row(self.ids, self.labels)


def render_prompt(tokenizer: PreTrainedTokenizerBase, messages: Iterable[Message]) -> str:
    """Return the text after which the model writes its answer: in training, and when it is asked.

    Raises:
        UserFacingError: ``model.template_rejects``, the chat template cannot show the conversation.
    """
    try:
        return reader_of(tokenizer).prompt(tuple(messages))
    except TemplateRejectsError as error:
        raise UserFacingError(
            "model.template_rejects",
            _(REJECTED, reason=error.args[0]),
            _("Leave such examples out, or choose another base model."),
        ) from error


def encode(tokenizer: PreTrainedTokenizerBase, example: Example) -> EncodedExample:
    """Return an example's texts, tokens and labels, uncut.

    The very first token is never learned: there is nothing before it to predict it from.
    """
    try:
        readings = reader_of(tokenizer).read(example.messages)
    except TemplateRejectsError as error:
        return EncodedExample((), problem=_(REJECTED, reason=error.args[0]))
    texts = tuple(_encoded(tokenizer, text) for text in readings.texts)
    return EncodedExample(texts, readings.notes, _problem(tokenizer, texts))


def _encoded(tokenizer: PreTrainedTokenizerBase, reading: Reading) -> Encoded:
    ids, offsets = _tokens(tokenizer, reading.text)
    places = [begin for begin, _ in reading.spans if _blurs(reading.text, offsets, begin)]
    if places:
        ids, offsets = _parted(tokenizer, reading.text, places) or (ids, offsets)
    labels = _labels(ids, offsets, reading.spans)
    labels[:1] = [IGNORED] * len(labels[:1])
    return Encoded(reading.text, ids, labels, offsets)


def _tokens(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[list[int], list[Span]]:
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return list(encoded["input_ids"]), list(encoded["offset_mapping"])


def _blurs(text: str, offsets: list[Span], place: int) -> bool:
    """Whether a prompt that ends here may have other tokens than the same text before an answer.

    One token may reach across, and many tokenizers divide white space by what follows it.
    """
    if place > 1 and text[place - 2 : place].isspace():
        return True
    number = bisect_left(offsets, (place, 0))
    return number > 0 and offsets[number - 1][1] > place


def _parted(
    tokenizer: PreTrainedTokenizerBase, text: str, places: list[int]
) -> tuple[list[int], list[Span]] | None:
    """Return tokens that end at each of ``places``, as those of a prompt do that ends there.

    ``None`` for tokenizers that begin every piece with a space of their own.
    """
    ids: list[int] = []
    offsets: list[Span] = []
    for begin, end in pairwise([0, *places, len(text)]):
        piece, spans = _tokens(tokenizer, text[begin:end])
        first = tokenizer.convert_ids_to_tokens(piece[0]) if piece else ""
        if begin and first.startswith(_SPACE) and not text[begin].isspace():
            return None
        ids += piece
        offsets += [(start + begin, stop + begin) for start, stop in spans]
    return ids, offsets


def _labels(ids: list[int], offsets: list[Span], spans: Sequence[Span]) -> list[int]:
    """A token is learned when it holds a character of a span: some begin with the space before."""
    return [
        token if any(start < end and stop > begin for begin, end in spans) else IGNORED
        for token, (start, stop) in zip(ids, offsets, strict=True)
    ]


def _problem(tokenizer: PreTrainedTokenizerBase, texts: Sequence[Encoded]) -> Fault:
    if not any(text.ids for text in texts):
        return _(EMPTY)
    if not any(text.trained for text in texts):
        return _(NO_ANSWER)
    rows, largest = rows_of(tokenizer.name_or_path), max(max(text.ids, default=0) for text in texts)
    if rows is not None and largest >= rows:
        return _(BEYOND, token=str(tokenizer.convert_ids_to_tokens(largest)))
    return ""


def tokenise(
    tokenizer: PreTrainedTokenizerBase, example: Example, max_length: int
) -> TokenisedExample:
    """Return what an example's last answer is learned from, cut after ``max_length`` tokens."""
    return tokenise_all(encode(tokenizer, example), max_length)[0]


def tokenise_all(encoded: EncodedExample, max_length: int) -> list[TokenisedExample]:
    """Return the texts of an example after the cut, without those of which nothing is left.

    If nothing is left of any, the first one comes with its problem.
    """
    cut = [_cut(text, max_length, encoded.problem) for text in encoded.texts]
    kept = [text for text in cut if not text.problem]
    return kept or cut[:1] or [TokenisedExample((), (), problem=encoded.problem)]


def _cut(text: Encoded, max_length: int, problem: Fault) -> TokenisedExample:
    ids, labels = tuple(text.ids[:max_length]), tuple(text.labels[:max_length])
    kept = any(label != IGNORED for label in labels)
    problem = problem or ("" if kept else _(CUT_OFF))
    return TokenisedExample(ids, labels, max(0, len(text.ids) - max_length), problem)


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokenised examples of one part, memory-mapped from an Arrow file.

    Attributes:
        rows: the texts; usually one for each example, see :mod:`core.chat.readings`.
        lengths: tokens of each row.
        trained: learned tokens of each row.
        examples: the place of each row's example in the part.
    """

    rows: Dataset
    lengths: list[int]
    trained: list[int]
    examples: list[int]

    def __len__(self) -> int:
        return len(self.lengths)

    def row(self, index: int) -> Row:
        """Return one example for the collator.

        The columns are read directly: a record of ``rows`` makes a Python number of each token,
        and a card waits for that in every step.
        """
        ids, labels = (self.rows.data.column(name)[index] for name in ("ids", "labels"))
        return Row(*(part.values.to_numpy(zero_copy_only=False) for part in (ids, labels)))

    @property
    def cut(self) -> int:
        """How many examples lost their end, or whole answers, to the length limit."""
        return len({n for n, cut in zip(self.examples, self.rows["cut"], strict=True) if cut > 0})

    def notes(self) -> Counter[str]:
        """Return how many examples each note is about."""
        if "notes" not in self.rows.column_names:
            return Counter()
        by_example = dict(zip(self.examples, self.rows["notes"], strict=True))
        return Counter(note for bits in by_example.values() for note in named(bits))


def micro_batches(
    table: TokenTable, rows: Sequence[int], capacity: int, ranks: int = 1
) -> Iterator[PackedBatch]:
    """Yield the examples ``rows`` packed into micro-batches of at most ``capacity`` tokens.

    Args:
        ranks: how many processes share them; several get equal parts.
    """
    lengths = [table.lengths[i] for i in rows]
    for group in pack(lengths, capacity) if ranks == 1 else spread(lengths, capacity, ranks):
        yield collate([table.row(rows[i]) for i in group], group)


def build_table(
    tokenizer: PreTrainedTokenizerBase,
    examples: Iterable[Example],
    max_length: int,
    path: Path,
    progress: Callable[[int], None] = lambda _done: None,
) -> TokenTable:
    """Tokenise ``examples`` into the Arrow file ``path``; a finished file is reused.

    Raises:
        UserFacingError: some examples have nothing to learn (code ``data.unlearnable``): training
            on them would be silent bad training, so they have to be dropped or changed first.
    """
    from datasets import Dataset, Features, List, Value
    from datasets.arrow_writer import ArrowWriter

    if not path.exists():
        make_folder(path.parent)
        integers, number = List(Value("int32")), Value("int32")
        columns: dict[str, Any] = {"ids": integers, "labels": integers}
        columns |= {"cut": number, "example": number, "notes": number}
        part = path.with_suffix(".part")
        faults: list[tuple[Example, Sentence]] = []
        with ArrowWriter(path=str(part), features=Features(columns)) as writer:
            for done, example in enumerate(examples):
                encoded = encode(tokenizer, example)
                items = tokenise_all(encoded, max_length)
                lost = len(encoded.texts) - len(items)  # whole answers behind the cut
                notes = packed(encoded.notes)
                if items[0].problem:
                    faults.append((example, items[0].problem))
                    items = []
                for item in items:
                    row = {"ids": item.ids, "labels": item.labels, "cut": item.cut or lost}
                    writer.write({**row, "example": done, "notes": notes})
                progress(done)
            writer.finalize()
        if faults:
            part.unlink()
            raise _unlearnable(faults)
        fsync_file(part)  # an empty table after a power cut could not be resumed from
        part.replace(path)
        fsync_directory(path.parent)
    table = Dataset.from_file(str(path))
    lengths = [len(ids) for ids in table["ids"]]
    trained = [sum(label != IGNORED for label in labels) for labels in table["labels"]]
    is_old = "example" not in table.column_names  # of a run that an older version began
    places = list(range(len(lengths))) if is_old else list(table["example"])
    return TokenTable(table, lengths, trained, places)


def _unlearnable(faults: list[tuple[Example, Sentence]]) -> UserFacingError:
    texts = [
        _("{place}: {problem}", place=located(example.source), problem=problem)
        for example, problem in faults
    ]
    what = ngettext(
        "Nothing can be learned from {count:,} example: {examples}",
        "Nothing can be learned from {count:,} examples, including these: {examples}",
        len(faults),
        examples=one_after_another(texts[:_NAMED]),
    )
    if any(problem.source == CUT_OFF for _example, problem in faults):
        todo = _(
            "On the Settings page, leave them out or raise the length limit; in the terminal, "
            "prepare the examples again with --base. Then start again."
        )
    else:
        todo = _(
            "Leave them out on the Settings page; in the terminal, prepare the examples again "
            "with --base. Then start again."
        )
    return UserFacingError("data.unlearnable", what, todo, "\n".join(texts))
