"""The families that the installed transformers has classes for, read from a table.

transformers itself is never loaded for it: the window looks into model folders, too.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from core.models.families.sinks import FAMILIES


@cache
def _table() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("resources").joinpath("families.json").read_bytes())
    return content


@cache
def _owners() -> dict[str, set[str]]:
    """The model types that each class is the one of."""
    owners: dict[str, set[str]] = {}
    for names in (_table()["classes"], _table()["also"]):
        for model_type, name in names.items():
            owners.setdefault(name, set()).add(model_type)
    return owners


def is_native(model_type: str, architecture: str) -> bool:
    """Return whether transformers has a class of its own for a config that names these two.

    A maker's own class may have another name; the class of another family may not.
    """
    if model_type not in _table()["classes"]:
        return False
    if (owners := _owners().get(architecture)) is not None:
        return model_type in owners
    return architecture.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration"))


def needs_all_scores(model_type: str) -> bool:
    """Return whether a family's attention holds every score at once: tokens × tokens a head."""
    return model_type in _table()["eager"] and model_type not in FAMILIES


def has_known_experts(model_type: str) -> bool:
    """Return whether a family's experts have the layout that can be kept in 4 bits and adapted."""
    return model_type in _table()["experts"]
