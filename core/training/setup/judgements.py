"""Before a run that learns from judgements: read and tokenise them, refuse what teaches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.config.training import TrainingConfig
from core.data.example import Message
from core.errors import UserFacingError
from core.events import Notice
from core.jobs.link import JobLink
from core.jobs.spec import PreferenceParams
from core.language import _, ngettext
from core.project import RunFolder
from core.training.preferences.judgement import Judgement, read_judgements
from core.training.preferences.objective import Objective
from core.training.preferences.rows import Preferences, judged_rows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def preferences_of(
    folder: RunFolder,
    asked: PreferenceParams,
    tokenizer: PreTrainedTokenizerBase,
    config: TrainingConfig,
    link: JobLink,
) -> Preferences:
    """Return what a run learns from its judgements.

    Raises:
        UserFacingError: they are damaged, none fits, or dropout is on (code
            ``preferences.dropout``).
    """
    if config.dropout:
        raise UserFacingError(
            "preferences.dropout",
            _("Learning from ratings works only without dropout."),
            _("Set dropout to 0 and start again."),
        )
    link.progress(_("Reading your ratings"))
    judgements = read_judgements(folder, asked.judgements)
    learned = [one for one in judgements if not one.held_out]
    unseen = [one for one in judgements if one.held_out]
    train, validation = (
        judged_rows(tokenizer, some, config.max_length) for some in (learned, unseen)
    )
    if not len(train) or not len(validation):
        raise UserFacingError(
            "preferences.too_long",
            _("The rated answers are longer than {limit:,} tokens.", limit=config.max_length),
            _("Raise the length limit and start again."),
        )
    if left_out := train.left_out + validation.left_out:
        _tell(link, left_out, config.max_length)
    objective = Objective(beta=asked.beta, anchor=asked.anchor).balanced(train.kinds)
    return Preferences(objective, train, validation, question=_turns(unseen[0]))


def _turns(judgement: Judgement) -> tuple[Message, ...]:
    return judgement.example(judgement.answer).messages[:-1]


def _tell(link: JobLink, count: int, limit: int) -> None:
    text = ngettext(
        "{count:,} rating was left out: its answers are longer than {limit:,} tokens.",
        "{count:,} ratings were left out: their answers are longer than {limit:,} tokens.",
        count,
        limit=limit,
    )
    todo = _("Raise the length limit if they matter.")
    link.emit(Notice(level="warning", code="preferences.too_long", text=text, todo=todo))
