"""Well-known base models to choose from, with what is needed to judge them before a download.

The list is a file of this application (``resources/models.json``); nothing is asked of a network.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from core.models.shape import ModelShape

SAMPLE_KEY = "sample"


class CatalogueEntry(BaseModel):
    """One base model as its card shows it.

    Attributes:
        key: short stable name.
        hub_id: where it is downloaded from.
        model_type: the family, as in the model's config.
        licence: identifier as on the hub; see :func:`core.models.licence.licence_name`.
        gated: the hub gives it only to accounts that accepted its terms.
        download_bytes: of the files that are needed.
        packaged: comes with this application, needs no download.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    hub_id: str
    model_type: str
    good_at: str
    languages: tuple[str, ...]
    licence: str
    gated: bool
    download_bytes: int = Field(gt=0)
    packaged: bool
    dimensions: dict[str, Any]

    @property
    def shape(self) -> ModelShape:
        """The sizes that the memory and time estimates need."""
        return ModelShape.from_dimensions(**self.dimensions)


@cache
def load_catalogue() -> tuple[CatalogueEntry, ...]:
    """Return all entries, the sample model first, then by size."""
    content = files("resources").joinpath("models.json").read_bytes()
    return TypeAdapter(tuple[CatalogueEntry, ...]).validate_json(content)


def find_entry(key_or_hub_id: str) -> CatalogueEntry | None:
    """Return the entry with this key or hub name, or ``None``."""
    for entry in load_catalogue():
        if key_or_hub_id in (entry.key, entry.hub_id):
            return entry
    return None
