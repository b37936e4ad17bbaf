"""Access tokens of hubs: in the system's keyring, else in a file that only this account may read.

A token belongs to the host it was given for and is never sent to another.
"""

from __future__ import annotations

import os
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.models.hub.connection import OFFICIAL, Endpoint
from core.settings import application_folder
from core.storage.files import explained_io, read_json

_SERVICE = "homelab-tuner"
_TOKEN = re.compile(r"[\x21-\x7e]{8,512}")
_OWNER_ONLY = 0o600
_LIMIT = 4096  # bytes of a token file of the hub's own programs


@dataclass(frozen=True, slots=True)
class Token:
    """A token and, in plain words, where it comes from."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"Token(source={self.source!r})"  # never in a log


def token_file() -> Path:
    """Return the file that keeps tokens where the system has no keyring (JSON, by host)."""
    return application_folder() / "tokens.json"


def keep_token(endpoint: Endpoint, text: str) -> str:
    """Keep a token for a hub; return a sentence that says where.

    Raises:
        UserFacingError: it is no token (code ``hub.not_a_token``), or the disk refuses.
    """
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise UserFacingError(
            "hub.not_a_token",
            _("That is not an access token."),
            _(
                "Copy it from {address}/settings/tokens. It begins with “hf_”.",
                address=endpoint.url,
            ),
        )
    if keep_secret(endpoint.host, token):
        return _("The token is stored in this system's keyring.")
    return _(
        "This system has no keyring, so the token is stored in “{file}”. Only your account "
        "may read that file.",
        file=str(token_file()),
    )


def keep_secret(name: str, value: str) -> bool:
    """Keep something secret under a name; return whether the system's keyring has it.

    Raises:
        UserFacingError: the disk refuses.
    """
    in_keyring = _to_keyring(name, value)
    _change_file(name, None if in_keyring else value)
    return in_keyring


def find_secret(name: str) -> str:
    """Return what is kept under a name, ``""`` for nothing."""
    return _from_keyring(name) or _from_file(name)


def find_token(endpoint: Endpoint) -> Token | None:
    """Return the token for a hub, or ``None``.

    For the public hub, the one that the hub's own programs keep counts too.
    """
    if value := _from_keyring(endpoint.host):
        return Token(value, _("the keyring"))
    if value := _from_file(endpoint.host):
        return Token(value, f"“{token_file()}”")
    return _of_other_programs() if endpoint.url == OFFICIAL else None


def forget_token(endpoint: Endpoint) -> None:
    """Remove the token that was kept here for a hub."""
    import keyring

    with suppress(Exception):  # none there, or no keyring: then there is nothing to remove
        keyring.delete_password(_SERVICE, endpoint.host)
    _change_file(endpoint.host, None)


def _to_keyring(host: str, token: str) -> bool:
    import keyring

    try:
        keyring.set_password(_SERVICE, host, token)
        return bool(keyring.get_password(_SERVICE, host) == token)
    except Exception:  # each system's keyring fails in its own way; the file takes over
        return False


def _from_keyring(host: str) -> str:
    import keyring

    try:
        return keyring.get_password(_SERVICE, host) or ""
    except Exception:
        return ""


def _read_file() -> dict[str, str]:
    try:
        value = read_json(token_file())
    except UserFacingError:
        return {}
    if not isinstance(value, dict):
        return {}
    return {str(h): t for h, t in value.items() if isinstance(t, str) and _TOKEN.fullmatch(t)}


def _from_file(host: str) -> str:
    return _read_file().get(host, "")


def _change_file(host: str, token: str | None) -> None:
    """Set or remove one host's token; the file is the owner's alone from its first byte."""
    path, kept = token_file(), _read_file()
    if token is None and host not in kept:
        return
    kept = {name: value for name, value in kept.items() if name != host}
    if token is not None:
        kept[host] = token
    with explained_io(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        os.close(os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY))
        try:
            _fill(staged, kept)
            staged.replace(path)
        finally:
            staged.unlink(missing_ok=True)


def _fill(path: Path, tokens: dict[str, str]) -> None:
    import json

    with path.open("r+b") as stream:
        stream.write(json.dumps(tokens, indent=1, sort_keys=True).encode())
        stream.flush()
        os.fsync(stream.fileno())


def _of_other_programs() -> Token | None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if _TOKEN.fullmatch(value := os.environ.get(name, "").strip()):
            return Token(value, _("the variable {name}", name=name))
    home = os.environ.get("HF_HOME", "")
    default = Path(home) if home else Path.home() / ".cache" / "huggingface"
    path = Path(os.environ.get("HF_TOKEN_PATH", "") or default / "token")
    with suppress(OSError), path.open("rb") as stream:
        value = stream.read(_LIMIT).decode("ascii", "replace").strip()
        if _TOKEN.fullmatch(value):
            return Token(value, "“hf auth login”")  # not shown: a command
    return None
