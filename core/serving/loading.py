"""Loads a base with fine-tunes to be asked, with as much room for conversations as there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.generation.room import (
    CONVERSATIONS_SHARE,
    LEAST_CONTEXT,
    MOST_CONTEXT,
    SLOTS,
    bytes_of_a_token,
    free_bytes,
    rows_for,
)
from core.generation.spec import BASE, Generator
from core.language import _
from core.models.loading import load_tokenizer, training_device
from core.models.lora import UnknownAdapterError, Update, read_all_updates
from core.project import Project
from core.serving.need import kept_as
from core.training.result import best_adapter

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from core.generation.side_by_side.linears import AdapterBank


def load_generator(project: Project | None, runs: Sequence[str], base: Path) -> Generator:
    """Return a generator for the base model in ``base`` and these fine-tunes of it.

    Raises:
        UserFacingError: the base or an adapter cannot be loaded.
    """
    from core.generation.choice import decoder_for
    from core.generation.generator import BatchGenerator
    from core.generation.side_by_side.linears import AdapterBank
    from core.training.engine.answering import load_to_answer, write_out_if_room

    device = training_device()
    model = load_to_answer(base, kept_as(project, runs), device)
    write_out_if_room(model, device)
    model.eval()
    bank = AdapterBank(model)
    for run in runs:
        assert project is not None
        _add(bank, run, *_updates(best_adapter(project.run(run))))
    slots, context = _room(model, device)
    decoder = decoder_for(model, bank, slots, context)
    return BatchGenerator(model, load_tokenizer(base), decoder, bank.names)


def _updates(adapter: Path) -> tuple[dict[str, Update], dict[str, list[Update]]]:
    try:
        return read_all_updates(adapter)
    except UnknownAdapterError as error:
        raise UserFacingError(
            "generation.other_kind",
            _("A fine-tune of this kind cannot be used here yet."),
            _("Save it as an adapter and use it from Python."),
            str(error),
        ) from error


def _add(
    bank: AdapterBank, run: str, updates: dict[str, Update], experts: dict[str, list[Update]]
) -> None:
    if run == BASE:
        raise _unfit(run)
    try:
        bank.add(run, updates, experts)
    except KeyError as error:
        raise _unfit(str(error)) from error


def _unfit(details: str) -> UserFacingError:
    return UserFacingError(
        "generation.other_adapter",
        _("This fine-tune cannot be loaded on this base model."),
        _("Choose the base model that it was trained on."),
        details,
    )


def _room(model: PreTrainedModel, device: str) -> tuple[int, int]:
    """Return the rows and how many tokens each may have."""
    config = model.config.get_text_config()
    context = min(MOST_CONTEXT, getattr(config, "max_position_embeddings", None) or MOST_CONTEXT)
    most = SLOTS["cpu" if device == "cpu" else "gpu"]
    slots = rows_for(config, device, context, most, CONVERSATIONS_SHARE)
    while context > LEAST_CONTEXT and not _fits(config, device, context):
        context //= 2
    return slots, max(LEAST_CONTEXT, context)


def _fits(config: Any, device: str, context: int) -> bool:
    return context * bytes_of_a_token(config) <= CONVERSATIONS_SHARE * free_bytes(device)
