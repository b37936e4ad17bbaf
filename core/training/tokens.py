"""Examples as the model sees them: chat template, token numbers, and which tokens are learned.

A token is learned when it belongs to an assistant's turn, from its first character up to and with
the token that ends the answer. Everything else is masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.example import Example, Message, located
from core.errors import UserFacingError
from core.training.packing import IGNORED, PackedBatch, Row, collate, pack, spread
from core.training.templates import Chat, TemplateRejectsError, render_chat

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase

Span = tuple[int, int]


REJECTED = "The base model's chat template cannot show this conversation"
EMPTY = "The chat template shows nothing of this example."
NO_ANSWER = "This example has no answer to learn from."
CUT_OFF = "The answer begins after the cut, so nothing of it would be learned."
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Encoded:
    """A whole example before the cut.

    Attributes:
        text: what the chat template made of it.
        ids: token numbers.
        labels: ``ids`` where the token is learned, ``IGNORED`` elsewhere.
        offsets: where each token begins and ends in ``text``.
    """

    text: str
    ids: list[int]
    labels: list[int]
    offsets: list[Span]


@dataclass(frozen=True, slots=True)
class TokenisedExample:
    """One example after the chat template and the tokenizer.

    Attributes:
        ids: token numbers, at most ``max_length``.
        labels: ``ids`` where the token is learned, ``IGNORED`` elsewhere.
        cut: how many tokens did not fit.
        problem: why nothing can be learned from it, in plain words; ``""`` if it can.
    """

    ids: tuple[int, ...]
    labels: tuple[int, ...]
    cut: int = 0
    problem: str = ""

    @property
    def trained(self) -> int:
        """How many tokens are learned."""
        return sum(label != IGNORED for label in self.labels)

    @property
    def row(self) -> Row:
        """The same as the collator's input."""
        return Row(self.ids, self.labels)


def chat(messages: Iterable[Message]) -> Chat:
    """Return messages as the chat template wants them."""
    return [{"role": m.role, "content": m.content} for m in messages]


def render_prompt(tokenizer: PreTrainedTokenizerBase, messages: Iterable[Message]) -> str:
    """Return the text after which the model writes its answer."""
    return render_chat(tokenizer, chat(messages), add_generation_prompt=True)


def _render_text(tokenizer: PreTrainedTokenizerBase, messages: Iterable[Message]) -> str:
    return render_chat(tokenizer, chat(messages), add_generation_prompt=False)


def render(tokenizer: PreTrainedTokenizerBase, example: Example) -> tuple[str, list[Span]]:
    """Return the whole text of an example and the character spans that are learned.

    Raises:
        TemplateRejectsError: the template cannot render it, or changes earlier turns when later
            ones follow, so that no span can be trusted.
    """
    messages = example.messages
    text = _render_text(tokenizer, messages)
    spans = []
    for position, message in enumerate(messages):
        if not message.is_trained:
            continue
        is_last = position + 1 == len(messages)
        upto = text if is_last else _render_text(tokenizer, messages[: position + 1])
        before = _before_answer(tokenizer, messages[:position], upto, message.content)
        if not (upto.startswith(before) and text.startswith(upto)):
            raise TemplateRejectsError("the chat template rewrites earlier turns")
        spans.append((len(before), _end_of_answer(tokenizer, upto)))
    return text, spans


def _before_answer(
    tokenizer: PreTrainedTokenizerBase, earlier: tuple[Message, ...], upto: str, answer: str
) -> str:
    """What the model has read when it begins to write; templates refuse an empty conversation."""
    if earlier:
        return render_prompt(tokenizer, earlier)
    return upto[: upto.rfind(answer)] if answer and answer in upto else upto


def _end_of_answer(tokenizer: PreTrainedTokenizerBase, text: str) -> int:
    """White space after the closing special token is the template's, not the answer's."""
    stripped = text.rstrip()
    if stripped.endswith(tuple(tokenizer.all_special_tokens)):
        return len(stripped)
    return len(text)


def tokenise(
    tokenizer: PreTrainedTokenizerBase, example: Example, max_length: int
) -> TokenisedExample:
    """Return token numbers and labels of one example, cut after ``max_length`` tokens."""
    try:
        encoded = encode(tokenizer, example)
    except TemplateRejectsError as error:
        return TokenisedExample((), (), problem=f"{REJECTED}: {error}.")
    return _checked(encoded.ids, encoded.labels, max_length)


def encode(tokenizer: PreTrainedTokenizerBase, example: Example) -> Encoded:
    """Return an example's text, tokens and labels, uncut.

    The very first token is never learned: there is nothing before it to predict it from.

    Raises:
        TemplateRejectsError: see :func:`render`.
    """
    text, spans = render(tokenizer, example)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = list(encoded["input_ids"]), list(encoded["offset_mapping"])
    labels = _labels(ids, offsets, spans)
    labels[:1] = [IGNORED] * len(labels[:1])
    return Encoded(text, ids, labels, offsets)


def _labels(ids: list[int], offsets: list[Span], spans: list[Span]) -> list[int]:
    """A token is learned when it holds a character of a span: some begin with the space before."""
    return [
        token if any(start < end and stop > begin for begin, end in spans) else IGNORED
        for token, (start, stop) in zip(ids, offsets, strict=True)
    ]


def _checked(ids: list[int], labels: list[int], max_length: int) -> TokenisedExample:
    kept = TokenisedExample(
        tuple(ids[:max_length]), tuple(labels[:max_length]), max(0, len(ids) - max_length)
    )
    if kept.trained:
        return kept
    if not ids:
        problem = EMPTY
    elif any(label != IGNORED for label in labels):
        problem = CUT_OFF
    else:
        problem = NO_ANSWER
    return TokenisedExample(kept.ids, kept.labels, kept.cut, problem)


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokenised examples of one part, memory-mapped from an Arrow file.

    ``lengths`` are tokens and ``trained`` learned tokens of each row; ``rejected`` counts the
    examples that had nothing to learn and are not in the table, by reason.
    """

    rows: Dataset
    lengths: list[int]
    trained: list[int]

    def __len__(self) -> int:
        return len(self.lengths)

    def row(self, index: int) -> Row:
        """Return one example for the collator."""
        record = self.rows[index]
        return Row(record["ids"], record["labels"])

    @property
    def cut(self) -> int:
        """How many examples lost their end to the length limit."""
        return sum(cut > 0 for cut in self.rows["cut"])


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
            on them would be silent bad training, so they have to be dropped or mended first.
    """
    from datasets import Dataset, Features, List, Value
    from datasets.arrow_writer import ArrowWriter

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        integers = List(Value("int32"))
        columns: dict[str, Any] = {"ids": integers, "labels": integers, "cut": Value("int32")}
        part = path.with_suffix(".part")
        faults: list[str] = []
        with ArrowWriter(path=str(part), features=Features(columns)) as writer:
            for done, example in enumerate(examples):
                item = tokenise(tokenizer, example, max_length)
                if item.problem:
                    faults.append(f"{located(example.source)}: {item.problem}")
                else:
                    writer.write({"ids": item.ids, "labels": item.labels, "cut": item.cut})
                progress(done)
            writer.finalize()
        if faults:
            part.unlink()
            raise _unlearnable(faults)
        part.replace(path)
    table = Dataset.from_file(str(path))
    lengths = [len(ids) for ids in table["ids"]]
    trained = [sum(label != IGNORED for label in labels) for labels in table["labels"]]
    return TokenTable(table, lengths, trained)


def _unlearnable(faults: list[str]) -> UserFacingError:
    count = len(faults)
    what = (
        "Nothing can be learned from one example"
        if count == 1
        else (f"Nothing can be learned from {count:,} examples, among them those")
    )
    return UserFacingError(
        "data.unlearnable",
        f"{what}: {' '.join(faults[:_NAMED])}",
        "Leave them out or raise the length limit on the Settings page, or prepare the examples "
        "with --base, then start again.",
        "\n".join(faults),
    )
