"""Under which licence a model folder says it may be used; a hint, never legal advice."""

from __future__ import annotations

import re
from pathlib import Path

from core.language import N_, _
from core.models.origin import read_origin
from core.storage.ordinary import open_to_read

UNKNOWN = "unknown"
_READ_LIMIT = 100_000  # bytes
_FRONT_MATTER = re.compile(r"\A﻿?---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_FIELD = r"^{}:[ \t]*[\"']?([\w.+-]+)"
_TEXTS = (  # not shown: a phrase of the licence text → the hub's identifier; the first counts
    ("llama 3.3 community license", "llama3.3"),
    ("llama 3.2 community license", "llama3.2"),
    ("llama 3.1 community license", "llama3.1"),
    ("meta llama 3 community license", "llama3"),
    ("gemma terms of use", "gemma"),
    ("qwen research license", "qwen-research"),
    ("apache license", "apache-2.0"),
    ("permission is hereby granted, free of charge", "mit"),
    ("redistribution and use in source and binary forms", "bsd"),
)
_NAMES = {  # not shown: names of licences stay as they are, but for the last, which is translated
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "bsd": "BSD",
    "gemma": "Gemma Terms of Use",
    "llama3": "Llama 3 Community License",
    "llama3.1": "Llama 3.1 Community License",
    "llama3.2": "Llama 3.2 Community License",
    "llama3.3": "Llama 3.3 Community License",
    "qwen": "Qwen License",
    "qwen-research": "Qwen Research License",
}
_NOT_KNOWN = N_("Licence unknown")


def licence_of(folder: Path, config: dict[str, object]) -> str:
    """Return the hub's licence identifier (``"apache-2.0"``), or ``"unknown"``.

    The front matter of ``README.md`` counts first, then what the hub said at the download, then a
    licence file, then the config.
    """
    return (
        _from_readme(folder)
        or _from_record(folder)
        or _from_file(folder)
        or _from_config(config)
        or UNKNOWN
    )


def licence_name(identifier: str) -> str:
    """Return the licence's name as people write it."""
    return _(_NOT_KNOWN) if identifier == UNKNOWN else _NAMES.get(identifier, identifier)


def _from_readme(folder: Path) -> str:
    matter = _FRONT_MATTER.match(_head(folder / "README.md"))
    if not matter:
        return ""
    found = _field("license", matter.group(1))
    if found == "other":  # then the name stands in a field of its own
        return _field("license_name", matter.group(1)) or found
    return found


def _from_record(folder: Path) -> str:
    origin = read_origin(folder)
    return origin.licence if origin is not None and origin.licence != UNKNOWN else ""


def _field(name: str, text: str) -> str:
    match = re.search(_FIELD.format(name), text, re.MULTILINE)
    return match.group(1).lower() if match else ""


def _from_file(folder: Path) -> str:
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "USE_POLICY.md"):
        text = " ".join(_head(folder / name).lower().split())
        for phrase, identifier in _TEXTS:
            if phrase in text:
                return identifier
    return ""


def _from_config(config: dict[str, object]) -> str:
    value = config.get("license") or config.get("licence")
    return value.lower()[:60] if isinstance(value, str) else ""


def _head(path: Path) -> str:
    try:
        with open_to_read(path, follow=True) as stream:
            return stream.read(_READ_LIMIT).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:  # a licence that cannot be read is unknown, the model may still be used
        return ""
