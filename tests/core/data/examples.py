"""What the tests of the data stage share: clean rows, rows that only look faulty, file writers."""

from __future__ import annotations

import io
import itertools
import json
import random
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from core.data.dataset import PARTS, DatasetVersion
from core.data.draft import Draft, DraftSummary, ScanOptions
from core.data.example import BadRow, Example, Message, Source
from core.data.readers import ReadOptions, inspect_sources, read
from core.data.scan import scan


def _words(text: str) -> list[str]:
    return text.split()


_NOUNS = _words(
    "gardener harbour lantern bridge teacher river engine orchard violin window market valley"
    " captain kettle ladder forest mirror sailor tunnel carpenter meadow compass blanket tower"
    " basket painter island wagon chimney printer"
)
_ADJECTIVES = _words(
    "old quiet narrow heavy bright wooden distant gentle broken golden hollow patient"
    " frozen crooked silent shallow ancient clever dusty famous"
)
_VERBS = _words(
    "repairs carries follows paints measures borrows cleans watches protects describes lifts"
    " remembers collects crosses sells studies"
)
_PLACES = """near the mill|behind the school|at the edge of the field|under the long roof|in the
second hall|across the frozen lake|by the northern gate|inside the small museum|on the upper
shelf|along the coast""".replace("\n", " ").split("|")
_REASONS = """because it is raining|when the bells ring|before anybody wakes up|if there is time
left|after the evening train has gone|while the others are asleep|as they have always
done|although nobody asked for it""".replace("\n", " ").split("|")
_ASKING = ("Why is it that", "Explain how", "Describe the way in which", "Tell me why",
           "What happens if", "In your own words, say when")  # fmt: skip


def sentence(rng: random.Random) -> str:
    """Return one English sentence without its full stop, lower case."""
    return (
        f"the {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} {rng.choice(_VERBS)} the"
        f" {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} {rng.choice(_PLACES)}"
        f" {rng.choice(_REASONS)}"
    )


def clean_pair(rng: random.Random) -> tuple[str, str]:
    """Return a question and an answer in which there is nothing to find, short or long."""
    if rng.random() < 0.25:
        thing = f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} {rng.choice(_PLACES)}"
        return f"Who {rng.choice(_VERBS)} the {thing}?", f"The {rng.choice(_NOUNS)} does."
    question = f"{rng.choice(_ASKING)} {sentence(rng)}, and what this has to do with it?"
    said = [sentence(rng).capitalize() + "." for _ in range(rng.randint(1, 5))]
    return question, " ".join(said)


def clean_pairs(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return ``count`` pairs with different questions."""
    rng = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        question, answer = clean_pair(rng)
        found[question] = answer
    return list(found.items())


INNOCENT: tuple[tuple[str, str], ...] = tuple(
    (question, answer)
    for question, answer in json.loads(
        Path(__file__).with_name("innocent.json").read_text(encoding="utf-8")
    )
)
"""Pairs that look a little like HTML, secrets, personal data or nonsense, and are none of it."""


def write_jsonl(path: Path, rows: Iterable[Any]) -> Path:
    """Write one JSON value a line."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def instruction_rows(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return pairs as rows of the instruction shape."""
    return [{"instruction": question, "input": "", "output": answer} for question, answer in pairs]


def example(*turns: tuple[str, str], line: int = 1, task: str = "") -> Example:
    """Return an example made of ``(role, text)``."""
    messages = tuple(Message(role, text) for role, text in turns)  # type: ignore[arg-type]
    return Example(messages, Source("test.jsonl", line), task)


def ask(question: str, answer: str, line: int = 1) -> Example:
    """Return an example of one question and one answer."""
    return example(("user", question), ("assistant", answer), line=line)


def read_all(*paths: Path, **options: Any) -> list[Example | BadRow]:
    """Inspect and read files."""
    return list(read(inspect_sources(paths, ReadOptions(**options))))


def turns(item: Example | BadRow) -> list[tuple[str, str]]:
    """Return an example's ``(role, text)`` pairs."""
    assert isinstance(item, Example), item
    return [(message.role, message.content) for message in item.messages]


def scanned(folder: Path, rows: Sequence[Any], **options: Any) -> tuple[Draft, DraftSummary]:
    """Write rows as JSON Lines, scan them into ``folder``; the caller closes the draft."""
    path = write_jsonl(folder / "rows.jsonl", rows)
    summary = scan([path], ScanOptions(**options), folder / "draft")
    return Draft(folder / "draft"), summary


_NS = "http://schemas.openxmlformats.org"
_OFFICE = f"{_NS}/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName='
    '"/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml'
    '.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship '
    f'Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_NS}/spreadsheetml/2006/main" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Empty" sheetId="1" r:id="r1"/><sheet name="Rows" sheetId="2" r:id="r2"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships">'
    + "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in (1, 2)
    )
    + f'<Relationship Id="r3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
}


def sheet_bytes(sheet_data: str, shared: str = "") -> bytes:
    """Return an XLSX file whose second sheet holds the XML ``sheet_data``; the first is empty."""
    main = f'xmlns="{_NS}/spreadsheetml/2006/main"'
    empty = f"<worksheet {main}><sheetData></sheetData></worksheet>"
    parts = {
        **_PARTS,
        "xl/worksheets/sheet1.xml": empty,
        "xl/worksheets/sheet2.xml": empty.replace("><sheetData>", f"><sheetData>{sheet_data}"),
        "xl/sharedStrings.xml": f"<sst {main}>{shared}</sst>",
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return content.getvalue()


def sheet_cell(place: str, value: object) -> str:
    """Return one cell's XML; numbers stay numbers, ``=…`` becomes a formula."""
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    if str(value).startswith("="):
        return f'<c r="{place}" t="str"><f>{escape(str(value)[1:])}</f><v>cached</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def sheet_of(rows: Sequence[Sequence[object]]) -> bytes:
    """Return an XLSX file with these rows."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(sheet_cell(f"{chr(65 + n)}{number}", v) for n, v in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return sheet_bytes("".join(lines))


def word_pairs(item: Example) -> frozenset[tuple[str, ...]]:
    """Return the pairs of neighbouring words, found without the code that is tested."""
    words = re.findall(r"\w+", " ".join(message.content for message in item.messages).lower())
    return frozenset(itertools.pairwise(words)) or frozenset({tuple(words)})


def similarity(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> float:
    """Return the Jaccard similarity of two sets."""
    return len(first & second) / len(first | second)


def crossings(version: DatasetVersion, threshold: float) -> list[tuple[str, str]]:
    """Return, by comparing everything with everything, near copies in different parts."""
    parts = [[(item, word_pairs(item)) for item in version.examples(part)] for part in PARTS]
    found = []
    for mine, others in itertools.combinations(parts, 2):
        for (one, pairs), (two, others_pairs) in itertools.product(mine, others):
            small, large = sorted((len(pairs), len(others_pairs)))
            if small >= threshold * large and similarity(pairs, others_pairs) >= threshold:
                found.append((one.answer, two.answer))
            elif one.question.strip() and one.question == two.question:
                found.append((one.question, two.question))
    return found
