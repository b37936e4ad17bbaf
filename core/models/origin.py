"""Where a model folder was downloaded from, as the record beside its files says."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserFacingError
from core.storage.files import read_json

RECORD = "download.json"
_LIMIT = 30_000_000  # bytes


class Origin(BaseModel):
    """Model, version and licence on the hub."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    # The hub's letters only; "\w" would mean those of all scripts, and take 60 ms to compile.
    repo: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,96}/[A-Za-z0-9_.-]{1,96}$")
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    licence: str = Field(default="", max_length=60)


def read_origin(folder: Path) -> Origin | None:
    """Return what the record of a folder says; ``None`` without one that can be read."""
    path = folder / RECORD
    try:
        if not path.is_file() or path.stat().st_size > _LIMIT:
            return None
        return Origin.model_validate(read_json(path))
    except (UserFacingError, ValidationError, OSError):
        return None
