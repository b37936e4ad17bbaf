"""The tokens of a run's examples, one table for each part of the dataset version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.chat.notes import about, sentences
from core.chat.tokens import TokenTable, build_table
from core.config.training import TrainingConfig
from core.data.dataset import DatasetVersion
from core.data.example import Part
from core.errors import UserFacingError
from core.events import Notice
from core.jobs.link import JobLink
from core.language import N_, _
from core.project import RunFolder
from core.training.distributed.ranks import ALONE, Ranks

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_EMPTY_PARTS: dict[Part, str] = {
    "train": N_("The dataset has no examples to train with."),
    "validation": N_("The dataset has no unseen examples to check with."),
    "test": N_("The dataset has no examples set aside for testing."),
}


def part_table(
    folder: RunFolder,
    link: JobLink,
    *,
    version: DatasetVersion,
    part: Part,
    tokenizer: PreTrainedTokenizerBase,
    config: TrainingConfig,
    ranks: Ranks = ALONE,
) -> TokenTable:
    """Read and tokenise one part, or take up what was tokenised before; say what is odd.

    Raises:
        UserFacingError: it is empty, or some examples have nothing to learn.
    """
    total = version.counts.get(part, 0)
    if not total:
        raise UserFacingError(
            "data.empty_part",
            _(_EMPTY_PARTS[part]),
            _("Add more examples on the Examples page."),
        )

    def progress(done: int) -> None:
        if done % 500 == 0:
            link.progress(_("Reading the examples"), done, total, _("examples"))

    path = folder.token_table(part, ranks.rank)
    table = build_table(tokenizer, version.examples(part), config.max_length, path, progress)
    if part == "train":
        for note, text in sentences(table.notes(), total):
            link.emit(about(note, text))
    if table.cut:
        link.emit(
            Notice(
                level="warning",
                code="data.cut",
                text=_(
                    "{cut:,} of {total:,} examples are longer than {limit:,} tokens and are cut "
                    "off.",
                    cut=table.cut,
                    total=total,
                    limit=config.max_length,
                ),
                todo=_("Raise the length limit if the missing ends matter."),
            )
        )
    return table


def tasks_of(version: DatasetVersion, unseen: TokenTable) -> tuple[str, ...]:
    """Return the kind of task of each row of the validation part."""
    tasks = [example.task for example in version.examples("validation")]
    return tuple(tasks[place] for place in unseen.examples)
