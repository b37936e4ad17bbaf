"""The receipt as a page to read: HTML for the window and the browser, or Markdown.

The page is one file without scripts, pictures or links; every text from the data is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from core.data.findings.kinds import INFO, Kind
from core.data.mixture import EARLIER, GENERAL
from core.data.versions.receipt import MIXTURE, Receipt, RowChange
from core.language import N_, _, current, ngettext, number, right_to_left
from core.storage.files import write_json, write_text

RECEIPT_FILE = "receipt.json"
RECEIPT_PAGE = "receipt.html"
_ROWS_SHOWN = 500
_STYLE = (  # not shown: CSS
    "body{font:16px/1.5 sans-serif;max-width:52em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0}td,th{border:1px solid #767676;padding:.2em .6em;"
    "text-align:start;vertical-align:top}"
)
_TITLE = N_("Receipt of your examples")
_PARTS = {
    "train": N_("to learn from"),
    "validation": N_("to watch the training"),
    "test": N_("set aside for testing"),
}
_ONE_PART = N_("never learned: to watch the training, and for the comparison")
_LEFT_OUT, _CHANGED = N_("left out"), N_("changed")
_REVIEWED = {"keep": N_("kept"), "edit": _CHANGED, "drop": _LEFT_OUT, "flag": N_("flagged")}
_BY_YOU, _BY_RULE = N_("you"), N_("rule")
_REASONS = {"edited": N_("edited"), "person": N_("your decision")}
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
    """Return the receipt as a page of HTML in the present language."""
    body = "".join(
        f"<h2>{escape(title)}</h2>\n{''.join(map(_html, blocks))}"
        for title, blocks in sections(receipt)
    )
    title, blocks = expert_section(receipt)
    body += (  # not shown: HTML
        f"<details><summary>{escape(title)}</summary>\n{''.join(map(_html, blocks))}</details>\n"
    )
    language, direction = current().replace("_", "-"), "rtl" if right_to_left() else "ltr"
    title = escape(_(_TITLE))
    return (  # not shown: HTML
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{direction}">'
        f'<head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>\n{body}</body></html>\n"
    )


def markdown_page(receipt: Receipt) -> str:
    """Return the receipt as Markdown in the present language."""
    lines = [f"# {_(_TITLE)}", ""]
    for title, blocks in (*sections(receipt), expert_section(receipt)):
        lines += [f"## {title}", ""]
        for block in blocks:
            lines += [*_markdown(block), ""]
    return "\n".join(lines)


def sections(receipt: Receipt) -> list[Section]:
    """Return the page's content as plain text."""
    made: list[Section] = [
        (_("In short"), [*_in_short(receipt), _split_table(receipt)]),
        (_("Files"), [_files(receipt)]),
        (_("What was found and done"), [_findings(receipt)]),
    ]
    if blocks := list(_mixture(receipt)):
        made.append((_("Training mix"), blocks))
    if receipt.reviewed:
        made.append((_("Reviewed by you"), list(_reviewed(receipt))))
    made.append((_("Rows that were changed or left out"), list(_rows(receipt))))
    return made


def expert_section(receipt: Receipt) -> Section:
    """Return what only proves which rows these are; it is folded away where that can be."""
    return _("Details for experts"), [_identity(receipt), _digests(receipt)]


def _in_short(receipt: Receipt) -> Iterator[Block]:
    yield ngettext(
        "{count:,} row came in: {kept:,} kept ({changed:,} changed), {dropped:,} left out.",
        "{count:,} rows came in: {kept:,} kept ({changed:,} changed), {dropped:,} left out.",
        receipt.read,
        kept=receipt.kept,
        changed=receipt.changed,
        dropped=sum(receipt.dropped.values()),
    )
    if added := sum(receipt.added.values()):
        yield ngettext("{count:,} example was added.", "{count:,} examples were added.", added)


def _split_table(receipt: Receipt) -> Table:
    """Of few examples, one part serves for watching and for testing, as the page says too."""
    parts = dict(_PARTS)
    if not receipt.split.get("test", 0):
        parts = {"train": _PARTS["train"], "validation": _ONE_PART}
    rows = ((_(text), number(receipt.split.get(part, 0))) for part, text in parts.items())
    return Table((_("examples"), _("count")), tuple(rows))


def _identity(receipt: Receipt) -> str:
    return _(
        "Content hash {content_hash}, seed {seed}.",
        content_hash=receipt.content_hash,
        seed=receipt.seed,
    )


def _files(receipt: Receipt) -> Table:
    rows = ((s.label, s.format.replace("_", " "), number(s.rows)) for s in receipt.sources)
    return Table((_("file"), _("format"), _("rows")), tuple(rows))


def _digests(receipt: Receipt) -> Table:
    rows = ((s.label, f"{s.sha256[:16]}…") for s in receipt.sources)
    return Table((_("file"), "SHA-256"), tuple(rows))


def _findings(receipt: Receipt) -> Block:
    rows = []
    for name in (*(kind.value for kind in Kind), "person", MIXTURE):
        if name not in receipt.findings and name not in receipt.dropped:
            continue
        left_out = receipt.dropped.get(name, 0)
        found = receipt.findings.get(name, left_out)
        changed = receipt.changed_by_kind.get(name, 0)
        counts = map(number, (found, changed, left_out))
        rows.append((_title(name), *counts, _decider(receipt, name)))
    if not rows:
        return _("Nothing was found.")
    head = (_("finding"), _("found"), _(_CHANGED), _(_LEFT_OUT), _("decided by"))
    return Table(head, tuple(rows))


def _title(name: str) -> str:
    if name == "person":
        return _("single rows")
    return _("more than the training mix needs") if name == MIXTURE else INFO[Kind(name)].title


def _decider(receipt: Receipt, name: str) -> str:
    by_you = name in ("person", MIXTURE) or Kind(name) in receipt.choices.actions
    return _(_BY_YOU) if by_you else _(_BY_RULE)


def _mixture(receipt: Receipt) -> Iterator[Block]:
    if receipt.mixture.shares:
        total = sum(receipt.mixture.shares.values()) or 1
        rows = (
            (name or _("(no name)"), number(share / total, ".0%"), number(unused))
            for name, share in sorted(receipt.mixture.shares.items())
            for unused in [receipt.unused.get(name, 0)]
        )
        yield Table((_("task"), _("share of the training"), _(_LEFT_OUT)), tuple(rows))
    if general := receipt.added.get(GENERAL):
        yield ngettext(
            "{count:,} general example was added, so that the model keeps what it knows.",
            "{count:,} general examples were added, so that the model keeps what it knows.",
            general,
        )
    if earlier := receipt.added.get(EARLIER):
        yield ngettext(
            "{count:,} example of the earlier version {version} is rehearsed.",
            "{count:,} examples of the earlier version {version} are rehearsed.",
            earlier,
            version=receipt.mixture.rehearse,
        )


def _reviewed(receipt: Receipt) -> Iterator[Block]:
    rows = sum(receipt.reviewed.values())
    yield ngettext("You looked at {count:,} row.", "You looked at {count:,} rows.", rows)
    verdicts = (
        (_(_REVIEWED.get(verdict, verdict)), number(count))
        for verdict, count in sorted(receipt.reviewed.items())
    )
    yield Table((_("your verdict"), _("rows")), tuple(verdicts))


def _rows(receipt: Receipt) -> Iterator[Block]:
    shown = receipt.rows[:_ROWS_SHOWN]
    if not shown:
        yield _("None.")
        return
    head = (_("file"), _("line"), _("what"), _("by"), _("why"))
    yield Table(head, tuple(map(_row, shown)))
    listed = sum(n for name, n in receipt.dropped.items() if name != MIXTURE) + receipt.changed
    if listed > len(shown):
        yield ngettext(
            "… and {count:,} more. {file} lists it.",
            "… and {count:,} more. {file} lists them.",
            listed - len(shown),
            file=RECEIPT_FILE,
        )


def _row(row: RowChange) -> tuple[str, ...]:
    names = [_(_REASONS[r]) if r in _REASONS else INFO[Kind(r)].title for r in row.reasons]
    why = ", ".join(names)
    if row.details:
        why = _("{reason}: {details}", reason=why, details=row.details)
    what = _(_LEFT_OUT) if row.what == "dropped" else _(_CHANGED)
    by = _(_BY_YOU) if row.by == "person" else _(_BY_RULE)
    return row.file, number(row.line), what, by, why


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
