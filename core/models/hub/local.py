"""Models that are on this computer already, of this application and of others; none is copied."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.models.hub.reference import HubReference
from core.models.hub.store import find_kept, models_folder
from core.models.inspection import inspect_model
from core.settings import load_settings

_MOST_FOLDERS = 3000
_SETTINGS_LIMIT = 1_000_000  # bytes
_NO_MODEL = frozenset({
    "model.not_found", "model.no_weights", "model.incomplete", "model.pickle", "model.gguf",
    "model.is_adapter", "model.no_tokenizer", "model.damaged", "model.link_outside",
    "disk.no_permission", "disk.error", "file.missing",
})  # fmt: skip
_OUR_NAME, _LM_STUDIO = "Homelab Tuner", "LM Studio"  # not shown: names of products
_WEB_UI_PLACES = ("", "Documents", "Downloads", "Desktop", "apps", "AI", "ai")


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A complete model folder with safetensors weights.

    Attributes:
        name: as on the hub where that is known.
        source: whose folder it lies in, in plain words.
        why_not: why it cannot be trained here, ``""`` if it can.
    """

    name: str
    folder: Path
    source: str
    size: int
    why_not: str = ""


def find_local() -> list[LocalModel]:
    """Look where models usually are; a look takes milliseconds a model and reads no weights."""
    found: list[LocalModel] = []
    seen: set[Path] = set()
    for source, folder in places():
        place = folder.resolve()
        if place in seen or len(seen) >= _MOST_FOLDERS:
            continue
        seen.add(place)
        if (model := _look(folder, source)) is not None:
            found.append(model)
    return found


def find_by_name(reference: HubReference) -> Path | None:
    """Return the folder of a model with this hub name, a finished download first."""
    if (kept := find_kept(reference)) is not None:
        return kept.folder
    wanted = reference.repo.casefold()
    names = {wanted, wanted.replace("/", "_"), wanted.replace("/", "--")}
    for model in find_local():
        if model.name.casefold() in names and not model.why_not:
            return model.folder
    return None


def _look(folder: Path, source: str) -> LocalModel | None:
    try:
        facts = inspect_model(folder)
    except UserFacingError as error:
        if error.code in _NO_MODEL:
            return None
        size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        return LocalModel(_name(folder, source), folder, source, size, error.what)
    return LocalModel(_name(folder, source), folder, source, facts.size_bytes)


def _name(folder: Path, source: str) -> str:
    for part in reversed(folder.parts):
        if part.startswith("models--"):
            return part.removeprefix("models--").replace("--", "/", 1)
    if source == _LM_STUDIO:
        return f"{folder.parent.name}/{folder.name}"
    return folder.name.replace("--", "/", 1) if folder.parent == models_folder() else folder.name


def places() -> Iterator[tuple[str, Path]]:
    """Yield the folders where a model may lie, each with whose it is in plain words."""
    # Translators: these two fill “… belongs to {place}” and “…, in {place}”.
    yours, cache_name = _("your folders"), _("the Hugging Face cache")
    yield from ((_OUR_NAME, path) for path in _folders(models_folder()))
    for folder in map(Path, load_settings().model_folders):
        yield yours, folder
        yield from ((yours, path) for path in _folders(folder))
    for cache in hub_caches():
        yield from ((cache_name, path) for path in _snapshots(cache))
    for place in lm_studio_folders():
        yield from ((_LM_STUDIO, path) for owner in _folders(place) for path in _folders(owner))
    yield from (("Unsloth", path) for path in _of_unsloth())
    for place in _web_ui_folders():
        yield from (("text-generation-webui", path) for path in _folders(place))


def _folders(parent: Path) -> list[Path]:
    """Return the folders in one, in order; none where it may not be read."""
    with suppress(OSError):
        inside = sorted(path for path in parent.iterdir() if not path.name.startswith("."))
        return [path for path in inside[:_MOST_FOLDERS] if path.is_dir()]
    return []


def _snapshots(cache: Path) -> Iterator[Path]:
    for model in _folders(cache):
        if model.name.startswith("models--"):
            yield from _folders(model / "snapshots")


def hub_caches() -> list[Path]:
    """Return where the hub's own programs keep models, as their variables say."""
    home = os.environ.get("HF_HOME", "")
    cache = os.environ.get("XDG_CACHE_HOME", "") or str(Path.home() / ".cache")
    default = Path(home) if home else Path(cache) / "huggingface"
    named = [os.environ.get(name, "") for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")]
    return [*(Path(path).expanduser() for path in named if path), default / "hub"]


def lm_studio_folders() -> list[Path]:
    """Return LM Studio's model folders: the one chosen there, and its usual ones."""
    places = [Path.home() / ".lmstudio" / "models", Path.home() / ".cache" / "lm-studio" / "models"]
    settings = Path.home() / ".lmstudio" / "settings.json"
    with suppress(OSError, ValueError, RecursionError, AttributeError):
        if settings.is_file() and settings.stat().st_size <= _SETTINGS_LIMIT:
            chosen = json.loads(settings.read_text("utf-8-sig")).get("downloadsFolder")
            if isinstance(chosen, str) and chosen:
                places.insert(0, Path(chosen))
    return places


def _of_unsloth() -> Iterator[Path]:
    chosen = os.environ.get("UNSLOTH_STUDIO_HOME", "") or os.environ.get("STUDIO_HOME", "")
    studio = Path(chosen) if chosen else Path.home() / ".unsloth" / "studio"
    yield from _snapshots(studio / "cache" / "huggingface" / "hub")
    for place in (studio / "exports", studio / "models"):
        for folder in _folders(place):
            yield folder
            yield from _folders(folder)


def _web_ui_folders() -> Iterator[Path]:
    for place in _WEB_UI_PLACES:
        for program in _folders(Path.home() / place):
            if program.name.lower().startswith(("text-generation-webui", "textgen", "oobabooga")):
                for root in (program, program / "text-generation-webui"):
                    yield root / "user_data" / "models"
                    yield root / "models"
