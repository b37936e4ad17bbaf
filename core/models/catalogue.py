"""Well-known base models to choose from, with what is needed to judge them before a download.

The list is a file of this application (``resources/models.json``); nothing is asked of a network.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from core.language import N_, _, language_named
from core.models.config import SUPPORTED
from core.models.families.uneven import uneven_of
from core.models.shape import ModelShape

SAMPLE_KEY = "sample"
AND_MORE = N_("and more")
"""Stands behind the last of many languages."""


class CatalogueEntry(BaseModel):
    """One base model as its card shows it.

    Attributes:
        key: short stable name.
        hub_id: where it is downloaded from.
        architecture: the class that its config names, ``model_type`` the family there.
        purpose: what it is looked for by (``"code"``, ``"small hardware"``).
        licence: identifier as on the hub; see :func:`core.models.licence.licence_name`.
        gated: the hub gives it only to accounts that accepted its terms.
        parameters: all weights, as published (rounded where only a round number is).
        download_bytes: of the files that are needed.
        packaged: comes with this application, needs no download.
        own_code: its config names program code, which is never run here.
        dimensions: ``None`` for a family whose needs cannot be worked out here. Besides the sizes
            of the text part: ``experts`` and ``delta`` as in :class:`ModelShape`, ``uneven``, the
            entries of a config from which layers that are not alike are counted, and ``besides``,
            the weights that stay in 16 bits, such as a tower for pictures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    hub_id: str
    architecture: str
    model_type: str
    good_at: str
    purpose: tuple[str, ...]
    languages: tuple[str, ...]
    licence: str
    gated: bool
    parameters: int = Field(gt=0)
    download_bytes: int = Field(gt=0)
    packaged: bool
    own_code: bool
    dimensions: dict[str, Any] | None

    @property
    def shape(self) -> ModelShape:
        """The sizes that the memory and time estimates need.

        Raises:
            ValueError: they cannot be worked out; it is not among :func:`load_catalogue`.
        """
        if self.dimensions is None:
            raise ValueError(f"the needs of {self.key} are not known")
        sizes = dict(self.dimensions)
        experts, delta = sizes.pop("experts", None), sizes.pop("delta", None)
        besides, uneven = sizes.pop("besides", 0), sizes.pop("uneven", None)
        shape = ModelShape.from_dimensions(**sizes)
        if experts is not None:
            shape = shape.with_experts(**experts)
        if delta is not None:
            shape = shape.with_delta(**delta)
        if uneven is not None and (found := uneven_of(uneven, self.model_type)) is not None:
            capped = bool(uneven.get("final_logit_softcapping"))
            shape = dataclasses.replace(shape.with_uneven(found), capped=capped)
        return dataclasses.replace(
            shape,
            norm_parameters=shape.norm_parameters + besides,
            from_layout=self.architecture not in SUPPORTED,  # as an inspection finds it
        )

    @property
    def languages_in_words(self) -> str:
        """The languages by their names in the present one."""
        named = [language_named(name) for name in self.languages if name != AND_MORE]
        return ", ".join([*named, *([_(AND_MORE)] if AND_MORE in self.languages else [])])

    @property
    def can_be_trained(self) -> bool:
        """Whether this version trains models of its kind."""
        return self.dimensions is not None


@cache
def load_everything() -> tuple[CatalogueEntry, ...]:
    """Return all entries, also of kinds that cannot be trained yet: the sample, then by size."""
    content = files("resources").joinpath("models.json").read_bytes()
    return TypeAdapter(tuple[CatalogueEntry, ...]).validate_json(content)


@cache
def load_catalogue() -> tuple[CatalogueEntry, ...]:
    """Return the entries to choose from, the sample model first, then by size."""
    return tuple(entry for entry in load_everything() if entry.can_be_trained)


def find_entry(key_or_hub_id: str) -> CatalogueEntry | None:
    """Return the entry with this key or hub name, or ``None``."""
    for entry in load_everything():
        if key_or_hub_id in (entry.key, entry.hub_id):
            return entry
    return None


def entry_named(name: str) -> CatalogueEntry | None:
    """Return the entry of a folder's or hub's name of a model, ``None`` for others."""
    last = name.rpartition("/")[2].lower()
    same = (e for e in load_everything() if e.hub_id.rpartition("/")[2].lower() == last)
    return next(same, None)


def nearest(parameters: int, purpose: tuple[str, ...] = ()) -> CatalogueEntry:
    """Return what to take instead of a model that cannot be trained: alike in purpose and size.

    One purpose in common outweighs a factor of two in size.
    """

    def distance(entry: CatalogueEntry) -> float:
        size = abs(math.log2(entry.parameters / parameters))
        return size - len(set(entry.purpose) & set(purpose)) + 2 * entry.gated

    return min((entry for entry in load_catalogue() if not entry.packaged), key=distance)
