"""The receipt as a page that a person reads: HTML for the window and the browser, or Markdown.

The page is one file without scripts, pictures or links; every text from the data is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from core.data.findings.kinds import INFO, Kind
from core.data.mixture import EARLIER, GENERAL
from core.data.receipt import MIXTURE, Receipt, RowChange
from core.files import write_json, write_text

RECEIPT_FILE = "receipt.json"
RECEIPT_PAGE = "receipt.html"
_ROWS_SHOWN = 500
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:52em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0}td,th{border:1px solid #767676;padding:.2em .6em;"
    "text-align:left;vertical-align:top}"
)
_PARTS = {"train": "to learn from", "validation": "to watch the training", "test": "for the test"}
_REVIEWED = {"keep": "kept", "edit": "changed", "drop": "left out", "flag": "flagged"}
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|~&!"})


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain text below a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = str | Table
Section = tuple[str, list[Block]]


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Write the receipt as JSON and as a page of HTML into a version's folder."""
    write_json(folder / RECEIPT_FILE, receipt.model_dump(mode="json"), durable=False)
    write_text(folder / RECEIPT_PAGE, html_page(receipt), durable=False)


def html_page(receipt: Receipt) -> str:
    """Return the receipt as a page of HTML."""
    body = "".join(
        f"<h2>{escape(title)}</h2>\n{''.join(map(_html, blocks))}"
        for title, blocks in sections(receipt)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{_TITLE}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{_TITLE}</h1>\n{body}</body></html>\n"
    )


def markdown_page(receipt: Receipt) -> str:
    """Return the receipt as Markdown."""
    lines = [f"# {_TITLE}", ""]
    for title, blocks in sections(receipt):
        lines += [f"## {title}", ""]
        for block in blocks:
            lines += [*_markdown(block), ""]
    return "\n".join(lines)


_TITLE = "Receipt of your examples"


def sections(receipt: Receipt) -> list[Section]:
    """Return the page's content as plain text."""
    made: list[Section] = [
        ("In short", [_in_short(receipt), _split_table(receipt), _identity(receipt)]),
        ("Files", [_files(receipt)]),
        ("What was found and done", [_findings(receipt)]),
    ]
    if blocks := list(_mixture(receipt)):
        made.append(("Mixture", blocks))
    if receipt.reviewed:
        said = ", ".join(
            f"{n:,} {_REVIEWED.get(v, v)}" for v, n in sorted(receipt.reviewed.items())
        )
        made.append(("Looked through by you", [f"{sum(receipt.reviewed.values()):,}: {said}."]))
    made.append(("Rows that were changed or left out", list(_rows(receipt))))
    return made


def _in_short(receipt: Receipt) -> str:
    added = sum(receipt.added.values())
    return (
        f"{receipt.read:,} rows came in; {receipt.kept:,} were kept, {receipt.changed:,} of them "
        f"changed; {sum(receipt.dropped.values()):,} were left out."
        + (f" {added:,} examples were added." if added else "")
    )


def _split_table(receipt: Receipt) -> Table:
    rows = ((text, f"{receipt.split.get(part, 0):,}") for part, text in _PARTS.items())
    return Table(("examples", "count"), tuple(rows))


def _identity(receipt: Receipt) -> str:
    return f"Content hash {receipt.content_hash}, seed {receipt.seed}."


def _files(receipt: Receipt) -> Table:
    rows = ((s.label, s.format, f"{s.rows:,}", f"{s.sha256[:16]}…") for s in receipt.sources)
    return Table(("file", "format", "rows", "SHA-256"), tuple(rows))


def _findings(receipt: Receipt) -> Block:
    rows = []
    for name in (*(kind.value for kind in Kind), "person", MIXTURE):
        if name not in receipt.findings and name not in receipt.dropped:
            continue
        left_out = receipt.dropped.get(name, 0)
        found = receipt.findings.get(name, left_out)
        changed = receipt.changed_by_kind.get(name, 0)
        counts = (f"{count:,}" for count in (found, changed, left_out))
        rows.append((_title(name), *counts, _decider(receipt, name)))
    if not rows:
        return "Nothing was found."
    return Table(("finding", "found", "changed", "left out", "decided by"), tuple(rows))


def _title(name: str) -> str:
    if name == "person":
        return "single rows"
    return "more than the mixture needs" if name == MIXTURE else INFO[Kind(name)].title


def _decider(receipt: Receipt, name: str) -> str:
    if name in ("person", MIXTURE):
        return "you"
    return "you" if Kind(name) in receipt.choices.actions else "rule"


def _mixture(receipt: Receipt) -> Iterator[Block]:
    if receipt.mixture.shares:
        total = sum(receipt.mixture.shares.values()) or 1
        rows = (
            (name or "(no name)", f"{share / total:.0%}", f"{receipt.unused.get(name, 0):,}")
            for name, share in sorted(receipt.mixture.shares.items())
        )
        yield Table(("task", "share of the training", "left out"), tuple(rows))
    if general := receipt.added.get(GENERAL):
        yield f"{general:,} general examples were added, so that the model keeps what it knows."
    if earlier := receipt.added.get(EARLIER):
        version = receipt.mixture.rehearse
        yield f"{earlier:,} examples of the earlier version {version} are rehearsed."


def _rows(receipt: Receipt) -> Iterator[Block]:
    shown = receipt.rows[:_ROWS_SHOWN]
    if not shown:
        yield "None."
        return
    yield Table(("file", "line", "what", "by", "why"), tuple(map(_row, shown)))
    listed = sum(n for name, n in receipt.dropped.items() if name != MIXTURE) + receipt.changed
    if listed > len(shown):
        yield f"… and {listed - len(shown):,} more; receipt.json lists them."


def _row(row: RowChange) -> tuple[str, ...]:
    names = [r if r in ("edited", "person") else INFO[Kind(r)].title for r in row.reasons]
    why = ", ".join("your decision" if name == "person" else name for name in names)
    what = "left out" if row.what == "dropped" else "changed"
    by = "you" if row.by == "person" else "rule"
    return row.file, f"{row.line:,}", what, by, f"{why}: {row.details}" if row.details else why


def _html(block: Block) -> str:
    if isinstance(block, str):
        return f"<p>{escape(block)}</p>\n"
    head = "".join(f"<th>{escape(cell)}</th>" for cell in block.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n"
        for row in block.rows
    )
    return f"<table>\n<tr>{head}</tr>\n{rows}</table>\n"


def _markdown(block: Block) -> list[str]:
    if isinstance(block, str):
        return [_plain(block)]
    return [
        _line(block.head),
        _line(["---"] * len(block.head), escaped=True),
        *map(_line, block.rows),
    ]


def _line(cells: Iterable[str], *, escaped: bool = False) -> str:
    return "| " + " | ".join(cell if escaped else _plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """Return text so that Markdown shows it as it is."""
    return " ".join(text.split()).translate(_MARKS)
