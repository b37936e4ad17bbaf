"""Your preferences, shared by all projects, and the folders of the application itself."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserFacingError
from core.storage.files import read_json, write_json
from core.storage.synchronised import synchronised_by

_NAME = "homelab-tuner"
_RECENT_KEPT = 1000


def application_folder() -> Path:
    """Return where the application keeps its own data (converted sample model, recent runs).

    The environment variable ``HOMELAB_TUNER_HOME`` overrides the place that the system suggests.
    """
    chosen = os.environ.get("HOMELAB_TUNER_HOME", "")
    return Path(chosen) if chosen else platformdirs.user_data_path(_NAME, appauthor=False)


def settings_file() -> Path:
    """Return the file of the preferences (JSON)."""
    if os.environ.get("HOMELAB_TUNER_HOME", ""):
        return application_folder() / "settings.json"
    return platformdirs.user_config_path(_NAME, appauthor=False) / "settings.json"


def default_projects_folder() -> Path:
    """Return where new projects are suggested: *Homelab Tuner* in the documents folder.

    Where documents are copied to a cloud, it is in the home folder.
    """
    if os.environ.get("HOMELAB_TUNER_HOME", ""):
        return application_folder() / "projects"
    documents = platformdirs.user_documents_path()
    parent = Path.home() if synchronised_by(documents) else documents
    return parent / "Homelab Tuner"  # not shown: a folder's name


class Settings(BaseModel):
    """Preferences of the application; what belongs to one training is in its config.

    Attributes:
        tariff: price of one kilowatt-hour, in ``currency``.
        currency: sign or code shown before costs.
        extra_watts: what the rest of the computer draws while it trains; 0 counts the card only.
        heat_limit: °C above which a run pauses; ``None`` follows the card's own limits.
        hold_temperature: °C that short rests hold the card at; ``None`` never rests.
        hold_watts: mean power that short rests hold the card at; ``None`` never rests.
        keep_awake: ask the system not to sleep while a run is in progress.
        appearance: light, dark or high-contrast colours, or as the system has it.
        text_scale: factor on all font sizes.
        language: of the window, as in ``core.language.available()``; empty for the system's.
        recent: all project folders that were ever opened, newest first.
        model_folders: folders of base models that you added.
        when_closing: what becomes of a running training when the window is closed.
        tray_told: it was said once that the application stays in the tray.
        tour_seen: the tour of the window was shown once.
        geometry: size, place and state of the window as Qt writes them down, in base 64.
        look_weekly: ask once a week whether there is a newer version of this application.
        hub_endpoint: address of the model hub, of a mirror or of a private one; empty for the
            public hub.
        hub_proxy: address of the proxy between this computer and the hub; empty for what the
            system's environment says.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tariff: float = Field(default=0.15, ge=0, le=10_000, allow_inf_nan=False)
    currency: str = Field(default="$", max_length=8)
    extra_watts: float = Field(default=0.0, ge=0, le=5000, allow_inf_nan=False)
    heat_limit: float | None = Field(default=None, ge=50, le=100)
    hold_temperature: float | None = Field(default=None, ge=40, le=95)
    hold_watts: float | None = Field(default=None, ge=30, le=5000)
    keep_awake: bool = True
    appearance: Literal["system", "light", "dark", "contrast"] = "system"
    text_scale: float = Field(default=1.0, ge=0.75, le=2.0)
    language: str = Field(default="", max_length=20)
    recent: tuple[str, ...] = ()
    model_folders: tuple[str, ...] = ()
    when_closing: Literal["ask", "go_on", "pause"] = "ask"
    tray_told: bool = False
    tour_seen: bool = False
    geometry: str = Field(default="", max_length=2000)
    look_weekly: bool = False
    hub_endpoint: str = Field(default="", max_length=300)
    hub_proxy: str = Field(default="", max_length=300)

    def with_recent(self, project: Path) -> Settings:
        """Return the settings with ``project`` as the newest of the recent ones."""
        path = str(project)
        kept = (path, *(other for other in self.recent if other != path))
        return self.model_copy(update={"recent": kept[:_RECENT_KEPT]})


def load_settings() -> Settings:
    """Return the saved preferences; a missing file gives the defaults.

    A damaged file gives them too and is kept beside as ``settings.damaged.json``.
    """
    path = settings_file()
    if not path.exists():
        return Settings()
    try:
        return Settings.model_validate(read_json(path))
    except (UserFacingError, ValidationError):
        with suppress(OSError):
            path.replace(path.with_name("settings.damaged.json"))
        return Settings()


class SettingsFile:
    """Follows the preferences, which another process may change.

    Attributes:
        current: the newest that could be read.
    """

    def __init__(self) -> None:
        self._stamp = _stamp()
        self.current = load_settings()

    def changed(self) -> bool:
        """Read the file if it is another than before; return whether it could be.

        A file that is missing or damaged keeps what was known, and is left as it is.
        """
        stamp = _stamp()
        if stamp in (None, self._stamp):
            return False
        with suppress(UserFacingError, ValidationError):
            self.current = Settings.model_validate(read_json(settings_file()))
            self._stamp = stamp
            return True
        return False


def _stamp() -> tuple[int, int, int] | None:
    try:
        found = settings_file().stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def save_settings(settings: Settings) -> None:
    """Save the preferences.

    Raises:
        UserFacingError: the disk is full or the folder may not be written to.
    """
    write_json(settings_file(), settings.model_dump(mode="json"))
