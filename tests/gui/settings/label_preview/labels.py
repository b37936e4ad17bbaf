"""Checks of examples for the widgets that show them."""

from __future__ import annotations

import numpy as np

from core.chat.label_preview import FACTS, LabelledText, LabelPreview, LabelPreviewSummary
from core.chat.tokens import REJECTED

WORDS = ("Why", " is", " it", " so", "?", " It", " is", " so", " today", "<end>")
KINDS = "mmmmmtttte"


def learned_text(index: int = 0, *, fault: str = "", times: int = 1) -> LabelledText:
    """One word a token; the answer begins with the sixth."""
    words = [*WORDS[:-1], *(" and", " so") * (times - 1), WORDS[-1]]
    kinds = KINDS[:-1] + "t" * (len(words) - len(WORDS)) + "e"
    where = {"index": index, "file": "a.jsonl", "line": index + 1, "part": "train"}
    if fault:
        return LabelledText(**where, fault=fault)
    ends = np.cumsum([len(word) for word in words]).tolist()
    ids = range(len(words))
    return LabelledText(**where, text="".join(words), ids=tuple(ids), ends=tuple(ends), kinds=kinds)


def preview(
    count: int = 6, *, faulty: int = 0, long: int = 0, notes: dict[str, int] | None = None
) -> LabelPreview:
    """Return a check of ``count`` examples; the last ``faulty`` of them are refused."""
    facts = np.zeros(count, dtype=FACTS)
    texts, reasons = [], {}
    for index in range(count):
        fault = REJECTED.format(reason="no") if index >= count - faulty else ""
        text = learned_text(index, fault=fault, times=20 if index < long else 1)
        if fault:
            reasons[index] = fault
        first = text.kinds.find("t")
        trained = len(text.kinds) - text.kinds.count("m")
        facts[index] = (len(text.ids), first, trained, bool(fault), 0, 0, index + 1)
        texts.append(text)
    summary = LabelPreviewSummary(
        dataset_version="v",
        base_model="b",
        files=("a.jsonl",),
        reasons=reasons,
        end="<end>",
        notes=notes or {},
    )
    return LabelPreview(summary, facts, tuple(texts))
