"""Where PyTorch is: with the application, or in a folder of its own that was fetched later.

The installers carry everything but PyTorch, which differs for each graphics card and is larger than
all the rest. What was fetched (the *engine*, see ``core.installation``) lies in the application's
data folder::

    engine/current.json          which version is in use, and which one was before
    engine/versions/NAME/        engine.json and site/, the folder that Python imports from
    engine/wheels/               what is being fetched
    engine/job/                  run folder of the job that fetches

A process that needs it calls :func:`use_engine` before anything heavy is imported.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import UserFacingError
from core.language import N_, _
from core.settings import application_folder
from core.storage.files import read_json
from core.storage.names import Name

RECORD, SITE = "engine.json", "site"
_POINTER_LIMIT, _RECORD_LIMIT = 4096, 1 << 20
MISSING = "engine.missing"
_MISSING_WHAT = N_("PyTorch, which does the computing, is not installed.")
_MISSING_TODO = N_(
    "Install it in the preferences, or with: homelab-tuner engine install. If it was there before, "
    "files of this application are gone: install the application again; your projects are kept."
)


class Pointer(BaseModel):
    """Which version is in use; ``before`` is the one to go back to. Both may be empty."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    current: Name | None = None
    before: Name | None = None


class EngineRecord(BaseModel):
    """What one version consists of.

    Attributes:
        variant: the build of PyTorch, as ``core.installation.variant.Variant`` names it.
        python: what it was made for, such as ``cp311``.
        torch: version of PyTorch.
        wheels: SHA-256 of every wheel by the name of its package.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    variant: str
    python: str
    torch: str
    wheels: dict[str, str]


def engine_folder() -> Path:
    """Return the folder that holds all versions of the engine."""
    return application_folder() / "engine"


def version_folder(name: str) -> Path:
    """Return the folder of one version."""
    return engine_folder() / "versions" / name


def python_tag() -> str:
    """Return which wheels this Python takes."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def pointer() -> Pointer:
    """Return what is in use; a missing or damaged file means nothing."""
    try:
        found: Any = read_json(engine_folder() / "current.json", _POINTER_LIMIT)
        return Pointer.model_validate(found)
    except (UserFacingError, ValidationError):
        return Pointer()


def read_record(name: str | None) -> EngineRecord | None:
    """Return what a version consists of; ``None`` unless it is whole and made for this Python."""
    if name is None or not (version_folder(name) / SITE).is_dir():
        return None
    try:
        found: Any = read_json(version_folder(name) / RECORD, _RECORD_LIMIT)
        record = EngineRecord.model_validate(found)
    except (UserFacingError, ValidationError):
        return None
    return record if record.python == python_tag() else None


def engine_site() -> Path | None:
    """Return the folder of the engine in use, ``None`` without one."""
    name = pointer().current
    return version_folder(name) / SITE if name and read_record(name) else None


def use_engine() -> bool:
    """Let this process import the engine in use; return whether PyTorch can be found.

    What the application carries comes first. Cheap, and harmless when repeated.
    """
    versions = str(engine_folder() / "versions")
    sys.path[:] = [place for place in sys.path if not place.startswith(versions)]
    site = engine_site()
    if site is not None:
        sys.path.append(str(site))
    importlib.invalidate_caches()
    return has_torch()


def has_torch() -> bool:
    """Return whether PyTorch can be found by this process; it is not imported."""
    with suppress(ValueError, ImportError):
        return find_spec("torch") is not None
    return False


def missing_engine() -> UserFacingError:
    """Return the sentence for work that needs PyTorch where there is none."""
    return UserFacingError("engine.missing", _(_MISSING_WHAT), _(_MISSING_TODO))
