"""Questions with several answers to choose from: the choices get letters, the answer its text."""

from __future__ import annotations

from typing import Any

_NAMES = ("choices", "options")


def is_choices(name: str, value: Any) -> bool:
    """Return whether a column holds the answers to choose from."""
    return name.rpartition(".")[2].lower() in _NAMES and len(_texts(value)) > 1


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("text")
    is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return list(value) if is_list else []


def _labels(value: Any) -> list[str]:
    texts = _texts(value)
    labels = value.get("label") if isinstance(value, dict) else None
    if isinstance(labels, list) and len(labels) == len(texts):
        return [str(label) for label in labels]
    return [chr(ord("A") + n) for n in range(len(texts))]


def listed(value: Any) -> str:
    """Return the choices, one a line, each with its letter."""
    return "\n".join(f"{a}. {b}" for a, b in zip(_labels(value), _texts(value), strict=True))


def chosen(answer: Any, value: Any) -> str | None:
    """Return the choice that a number (from 0) or a letter stands for, else ``None``."""
    texts, labels = _texts(value), _labels(value)
    if isinstance(answer, bool):
        return None
    if isinstance(answer, int):
        return f"{labels[answer]}. {texts[answer]}" if 0 <= answer < len(texts) else None
    if isinstance(answer, str) and answer.strip() in labels:
        place = labels.index(answer.strip())
        return f"{labels[place]}. {texts[place]}"
    return None
