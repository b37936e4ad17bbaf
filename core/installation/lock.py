"""The wheels of the engine, each with its address, size and SHA-256, as uv has locked them.

``resources/engine/pylock.VARIANT-SYSTEM.toml`` is written by ``packaging/lock_engine.py``.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
import tomllib
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from core.errors import UserFacingError
from core.installation.variant import Variant
from core.installed_engine import engine_folder, python_tag
from core.language import _

_SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}
_FILE = r"^[A-Za-z0-9_][A-Za-z0-9_.+~-]*$"
_WHEEL_FILE = r"^[A-Za-z0-9_.+!]+(-[A-Za-z0-9_.+!]+){4,5}\.whl$"


class RemoteFile(BaseModel):
    """A file that may be fetched: from where, how many bytes, and what they must be."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    file: str = Field(pattern=_FILE)
    url: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Wheel(RemoteFile):
    """One wheel; ``name`` as Python compares names."""

    version: str = Field(pattern=r"^[A-Za-z0-9._+!-]+$")
    file: str = Field(pattern=_WHEEL_FILE)


class EngineLock(BaseModel):
    """All wheels of one variant for this system."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    variant: Variant
    wheels: tuple[Wheel, ...]

    @property
    def torch(self) -> str:
        """The version of PyTorch."""
        return next((wheel.version for wheel in self.wheels if wheel.name == "torch"), "")

    @property
    def size(self) -> int:
        """Bytes of all wheels."""
        return sum(wheel.size for wheel in self.wheels)

    @property
    def name(self) -> str:
        """A name for exactly these wheels."""
        digest = hashlib.sha256("".join(sorted(w.sha256 for w in self.wheels)).encode())
        return f"{self.variant}-{digest.hexdigest()[:12]}"

    def requirements(self) -> str:
        """Return what uv is given: versions and hashes, nothing else may be installed."""
        lines = [f"{w.name}=={w.version} --hash=sha256:{w.sha256}\n" for w in self.wheels]
        return "".join(lines)


def available() -> tuple[Variant, ...]:
    """Return the variants that this version of the application can install on this system."""
    return tuple(variant for variant in Variant if _text(variant) is not None)


def read_lock(variant: Variant) -> EngineLock:
    """Return the lock of a variant, without what the application carries already.

    Raises:
        UserFacingError: there is none for this system and this Python (``engine.not_locked``).
    """
    text = _text(variant)
    lock = parse_lock(variant, text) if text is not None else None
    if lock is None or not lock.torch or not _for_this_python(lock):
        raise UserFacingError(
            "engine.not_locked",
            _("This version cannot install PyTorch for this computer by itself."),
            _("Install PyTorch yourself. The README says how."),
            f"{variant} {sys.platform} {python_tag()}",  # not shown: technical details
        )
    wheels = tuple(w for w in lock.wheels if w.name == "torch" or not _carried(w))
    return EngineLock(variant=variant, wheels=wheels)


def parse_lock(variant: Variant, text: str) -> EngineLock:
    """Return what a lock file says.

    Raises:
        ValueError: it is none.
    """
    packages: list[dict[str, Any]] = tomllib.loads(text).get("packages", [])
    return EngineLock(variant=variant, wheels=tuple(_wheel(package) for package in packages))


def _wheel(package: dict[str, Any]) -> Wheel:
    (found,) = package["wheels"]
    name = unquote(urlsplit(found["url"]).path.rpartition("/")[2])
    return Wheel(
        name=package["name"],
        version=package["version"],
        file=name,
        url=found["url"],
        size=found["size"],
        sha256=found["hashes"]["sha256"],
    )


def _text(variant: Variant) -> str | None:
    system = _SYSTEMS.get(sys.platform, "")
    file = files("resources") / "engine" / f"pylock.{variant}-{system}.toml"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _for_this_python(lock: EngineLock) -> bool:
    return any(w.name == "torch" and f"-{python_tag()}-" in w.file for w in lock.wheels)


def _carried(wheel: Wheel) -> bool:
    """Whether the application has this very version, outside the engine."""
    own = str(engine_folder())
    places = [place for place in sys.path if not place.startswith(own)]
    found = importlib.metadata.distributions(name=wheel.name, path=places)
    return any(one.version == wheel.version for one in found)
