"""A look at flagged rows, to judge by eye how many alarms are true.

``python -m tests.campaigns.flagged FILE… [--kind KIND] [--rows 50]`` prints rows of each kind from
all over the file, with what the remedy would change or which row they resemble.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from core.data.draft import Draft, ScanOptions
from core.data.example import BadRow, Example
from core.data.findings.kinds import Kind
from core.data.scan import scan

_SHOWN = 400


def described(item: Example | BadRow | None) -> str:
    """Return a row in one line."""
    if item is None:
        return "left out"
    if isinstance(item, BadRow):
        return f"{item.reason}: {item.raw[:_SHOWN]!r}"
    return " | ".join(f"{turn.role}: {turn.content[:_SHOWN]!r}" for turn in item.messages)


def look(draft: Draft, kind: Kind, most: int) -> list[str]:
    """Return lines about at most ``most`` rows of one kind."""
    rows = draft.rows_of(kind)
    lines = [f"== {kind}: {len(rows)} rows"]
    for row in rows[:: max(1, len(rows) // most)][:most].tolist():
        before, after = draft.before_after(row, kind)
        lines.append(f"{before.source.file}, line {before.source.line}: {described(before)}")
        if (relative := draft.relative(row, kind)) >= 0:
            lines.append(f"    like {described(draft.row(relative))}")
        elif after is not None:
            lines.append(f"    -> {described(after)}")
    return lines


def main(arguments: list[str]) -> int:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--kind", type=Kind, choices=list(Kind), action="append")
    parser.add_argument("--rows", type=int, default=50)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        scan(options.files, ScanOptions(), Path(name))
        with Draft(Path(name)) as draft:
            for kind in options.kind or Kind:
                sys.stdout.write("\n".join(look(draft, kind, options.rows)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
