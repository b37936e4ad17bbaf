"""A small draft with one finding of several kinds, for the widgets that show it."""

from __future__ import annotations

import json
from pathlib import Path

from core.data.draft import Draft, ScanOptions
from core.data.scan import scan

GOOD = 40


def make_draft(folder: Path) -> Draft:
    """Rows: 40 good ones, a copy of the first, HTML, stray space, mojibake, no JSON."""
    rows = [
        {"question": f"How tall is house number {n}?", "answer": f"It has {n} floors."}
        for n in range(GOOD)
    ]
    rows.append(dict(rows[0]))
    rows.append({"question": "Who paints fences?", "answer": "<p>Painters, mostly.</p>"})
    rows.append({"question": "Who bakes bread?", "answer": "  A baker does.\t\n"})
    rows.append(
        {
            "question": "Who repairs shoes?",
            "answer": "That\u2019s a cobbler.".encode().decode("cp1252"),
        }
    )
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\nno json", encoding="utf-8")
    scan([path], ScanOptions(), folder / "draft")
    return Draft(folder / "draft")
