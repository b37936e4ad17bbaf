"""Hostile files for the campaign of bad datasets: what people and enemies hand in as examples."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, cycle
from pathlib import Path

import pyarrow
from pyarrow import parquet

from tests.core.data.examples import clean_pairs, sheet_bytes, sheet_cell, sheet_of

REFUSED = "refused"
_PAIRS = clean_pairs(400, seed=77)
_SUFFIXES = (
    ".json",
    ".jsonl",
    ".csv",
    ".tsv",
    ".txt",
    ".md",
    ".xlsx",
    ".parquet",
    ".zip",
    ".jsonl.gz",
)
_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"%PDF-1.7\n",
    b"\x7fELF",
    b"GIF89a",
    b"MZ\x90\x00",
    b"SQLite format 3\x00",
    b"GGUF\x03\x00",
    b"PK\x03\x04",
    b"PAR1",
    b"\x1f\x8b\x08",
    b"",
)


@dataclass(frozen=True)
class Case:
    """One file and what must come of it.

    Attributes:
        bad_lines: lines that must be named as problems.
        good: how many examples must be kept or dropped as examples (not as unreadable rows).
        code: ``REFUSED`` if the file must be refused as a whole, else a code, or anything.
        outcomes: texts that must be in the examples.
    """

    kind: str
    name: str
    content: bytes
    bad_lines: tuple[int, ...] = ()
    good: int | None = None
    code: str = ""
    texts: tuple[str, ...] = field(default=(), repr=False)


def _rows(rng: random.Random, count: int = 0) -> list[dict[str, str]]:
    pairs = rng.sample(_PAIRS, count or rng.randint(3, 30))
    return [{"question": question, "answer": answer} for question, answer in pairs]


def _lines(rng: random.Random, count: int = 0) -> list[str]:
    return [json.dumps(row) for row in _rows(rng, count)]


def _named(kind: str, lines: list[str], bad: list[int], end: str = "\n") -> Case:
    good = len(lines) - len(bad)
    return Case(kind, "rows.jsonl", end.join(lines).encode(), tuple(bad), good)


def truncated_array(rng: random.Random) -> Case:
    rows = _rows(rng)
    text = json.dumps(rows, indent=rng.choice([None, 1]))
    cut = rng.randrange(len(text) // 2, len(text) - 1)
    ends = accumulate(len(json.dumps(row)) + len(", ") for row in rows)
    good = sum(end - 1 <= cut for end in ends)
    exact = good if text[1] == "{" else None
    return Case("truncated array", "rows.json", text[:cut].encode(), good=exact)


def truncated_line(rng: random.Random) -> Case:
    lines = _lines(rng)
    lines[-1] = lines[-1][: rng.randrange(2, len(lines[-1]) - 1)]
    return _named("truncated line", lines, [len(lines)])


def damaged_lines(rng: random.Random) -> Case:
    lines = _lines(rng)
    bad = sorted(rng.sample(range(len(lines)), rng.randint(1, len(lines) // 2)))
    for place in bad:
        wrong = [
            "{",
            "}",
            "]",
            '{"question": "a" "answer"}',
            '{"question": tru}',
            "<html>",
            "'",
            "nul",
            "\\",
            '{"question": "a", "answer": "b"',
            "{'question': oops}",
            "=1+1",
            "\x00",
            "-",
            "[1,]",
        ]
        lines[place] = rng.choice(wrong)
    bad_lines = [place + 1 for place in bad]
    return _named("damaged lines", lines, bad_lines, rng.choice(["\n", "\r\n"]))


def other_values(rng: random.Random) -> Case:
    lines = _lines(rng, 20)
    bad = sorted(rng.sample(range(2, 20), 4))
    for place in bad:
        lines[place] = rng.choice(
            ["1", "null", "[]", "[1, [2]]", "{}", '{"x": {"y": 1}}', "true", "1e400"]
        )
    return _named("other values", lines, [place + 1 for place in bad])


def deep_nesting(rng: random.Random) -> Case:
    depth = rng.choice([300, 990, 1020, 1100, 5000, 200_000])
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}")])
    inner = rng.choice(["", "1", '"\\ud800"'])
    value = opening * depth + (inner or "1") + closing * depth * rng.choice([0, 1])
    row = rng.choice([value, f'{{"question": "q", "answer": {value}}}'])
    lines = _lines(rng, 6)
    lines[3] = row
    if rng.random() < 0.5:
        return Case("deep nesting", "rows.json", ("[" + ",\n".join(lines) + "]").encode())
    bad = [4] if depth > 1020 else []
    return Case("deep nesting", "rows.jsonl", "\n".join(lines).encode(), tuple(bad))


def nul_bytes(rng: random.Random) -> Case:
    lines = _lines(rng, 20)
    if rng.random() < 0.5:
        lines[4] = lines[4].replace("the", "th\x00e")
        return Case("NUL", "rows.jsonl", "\n".join(lines).encode(), good=20)
    lines[4] = "\x00" * 8
    return _named("NUL", lines, [5])


def surrogates(rng: random.Random) -> Case:
    lines = _lines(rng, 10)
    lines[2] = '{"question": "a \\ud83d b", "answer": "c \\udc00\\ud800 d"}'
    lines[3] = "{'question': 'x \\ud800', 'answer': 'y'}"
    text = (
        "\n".join(lines) if rng.random() < 0.5 else "[" + ",".join([*lines[:3], *lines[4:]]) + "]"
    )
    name = "rows.jsonl" if text[0] == "{" else "rows.json"
    return Case("surrogates", name, text.encode(), good=10 if text[0] == "{" else 9)


def long_line(rng: random.Random, size: int) -> Case:
    question, answer = rng.choice(_PAIRS)
    filler = rng.choice(["x", "word ", "ü", "漢", "🙂", " ", "["])
    content = (filler * (size // len(filler))).encode()[: max(size, 70 << 20)]
    kind = rng.choice(["jsonl", "json", "csv", "txt"])
    head = json.dumps({"question": question, "answer": answer}).encode()
    if kind == "csv":
        text = (
            b"question,answer\nwho is it,it is me\nwho is that,"
            + content
            + b"\nwhy is it,because\n"
        )
        return Case("long line", "rows.csv", text, (3,), 2)
    if kind == "txt":
        text = b"first passage\n\n" + content + b"\n\nlast passage\n"
        return Case("long line", "rows.txt", text, (3,), 2)
    row = b'{"question": "a", "answer": "' + content + b'"}'
    if kind == "json":
        return Case(
            "long line", "rows.json", b"[" + head + b",\n" + row + b",\n" + head + b"]", (2,), 2
        )
    return Case("long line", "rows.jsonl", head + b"\n" + row + b"\n" + head + b"\n", (2,), 2)


def bomb(rng: random.Random) -> Case:
    row = b'{"question": "a",' + b" " * (1 << 20) + b'"answer": "b"}\n'
    content = rng.choice([row, b'{"question": "' + b"a" * (1 << 20), b"\n" * (1 << 20)]) * 90
    if rng.random() < 0.5:
        return Case("bomb", "rows.jsonl.gz", gzip.compress(content, 9), code=REFUSED)
    return Case("bomb", "rows.zip", _zip({"rows.jsonl": content}), code=REFUSED)


def _zip(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def path_traversal(rng: random.Random) -> Case:
    names = [
        "../../escaped.jsonl",
        "/tmp/escaped.jsonl",
        "..\\..\\escaped.jsonl",
        "C:\\escaped.jsonl",
        "a/../../b.jsonl",
        "~/escaped.jsonl",
        "\u202egnp.jsonl",
        "con.jsonl",
        "a" * 300 + ".jsonl",
    ]
    chosen = rng.sample(names, rng.randint(1, 4))
    members = {name: "\n".join(_lines(rng, 5)).encode() for name in chosen}
    return Case("path traversal", "rows.zip", _zip(members), good=5 * len(chosen))


def nested_archive(rng: random.Random) -> Case:
    inner = _zip({"rows.jsonl": b"\n".join(line.encode() for line in _lines(rng))})
    for _ in range(rng.randint(1, 5)):
        inner = _zip({rng.choice(["in.zip", "in.jsonl", "in.json.gz"]): inner})
    return Case("nested archive", "rows.zip", inner, code=REFUSED)


def formulas(rng: random.Random) -> Case:
    cells = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")', "=1/0"]
    rows = [("question", "answer")] + [(f"what is {n}", cell) for n, cell in enumerate(cells)]
    if rng.random() < 0.5:
        return Case("formulas", "rows.xlsx", sheet_of(rows), good=6)
    text = "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    return Case("formulas", "rows.csv", text.encode(), good=6, texts=tuple(cells))


def explosive_sheet(rng: random.Random) -> Case:
    cell = sheet_cell(f"{rng.choice(['XFD', 'ZZ', 'Z'])}1048576", "far")
    refs = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 5000))
    content = rng.choice(
        [
            lambda: sheet_bytes(f'<row r="1048576">{cell}</row>'),
            lambda: sheet_bytes(refs, "<si><t>" + "x" * (1 << 20) + "</t></si>"),
            lambda: sheet_bytes("<!--" + " " * (60 << 20) + "-->"),
        ]
    )()
    return Case("explosive sheet", "rows.xlsx", content, code=REFUSED)


def encodings(rng: random.Random) -> Case:
    names = [
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1252",
        "cp1251",
        "shift_jis",
        "gb18030",
        "euc_kr",
        "koi8_r",
        "cp437",
        "iso8859_15",
        "big5",
        "cp500",
    ]
    texts = [
        "Größe, Übermut, Straße, Ärger",
        "Как называется река",
        "世界の川は何ですか",
        "세계에서 가장 긴 강",
        "Crème brûlée déjà vu",
    ]
    text = "question,answer\n" + "".join(
        f'"{rng.choice(texts)} {n}?","{rng.choice(texts)}"\n' for n in range(20)
    )
    name = rng.choice(["rows.csv", "rows.txt", "rows.jsonl", "rows.json"])
    if name.startswith("rows.json"):
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in _rows(rng)) + rng.choice(
            texts
        )
    content = bytearray(text.encode(rng.choice(names), "replace"))
    if rng.random() < 0.4:
        del content[-1]
    return Case("encodings", name, bytes(content))


def wrong_bytes(rng: random.Random) -> Case:
    lines = [line.encode() for line in _lines(rng, 20)]
    lines[5] = lines[5].replace(
        b" the ", rng.choice([b" \xff ", b" \xc3\x28 ", b" \xed\xa0\x80 ", b" \xe9t\xe9 "]), 1
    )
    return Case("wrong bytes", "rows.jsonl", b"\n".join(lines), good=20)


def mixed_line_ends(rng: random.Random) -> Case:
    lines = _lines(rng)
    text = "".join(line + rng.choice(["\n", "\r\n", "\n\n", "\n \t\n"]) for line in lines)
    return Case("mixed line ends", "rows.jsonl", text.encode(), good=len(lines))


def web_page(rng: random.Random) -> Case:
    page = (
        "<!DOCTYPE html><html><head><title>429 Too Many</title></head><body>\n" + "<p>no</p>\n" * 20
    )
    return Case("web page", f"rows{rng.choice(_SUFFIXES[:6])}", page.encode())


def garbage(rng: random.Random) -> Case:
    content = rng.choice(_MAGIC) + rng.randbytes(rng.choice([0, 3, 100, 5000, 200_000]))
    return Case("garbage", f"rows{rng.choice(_SUFFIXES)}", content)


def open_quote(rng: random.Random) -> Case:
    lines = ["question,answer", *(f"what is {n},it is {n}" for n in range(20))]
    place = rng.randrange(2, 20)
    lines[place] = f'"what is this,it is {place}'
    return Case("open quote", "rows.csv", "\n".join(lines).encode(), (place + 1,), 19)


def ragged(rng: random.Random) -> Case:
    lines = ["question;answer", *(f"what is {n};it is {n}" for n in range(20))]
    bad = sorted(rng.sample(range(1, 21), 3))
    for place in bad:
        lines[place] += ";more"
    return Case("ragged", "rows.csv", "\n".join(lines).encode(), tuple(n + 1 for n in bad), 17)


def _valid(rng: random.Random, suffix: str) -> bytes:
    rows = _rows(rng)
    cells = [tuple(row.values()) for row in rows]
    if suffix == ".xlsx":
        return sheet_of([("question", "answer"), *cells])
    if suffix == ".parquet":
        sink = io.BytesIO()
        parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
        return sink.getvalue()
    lines = "\n".join(map(json.dumps, rows)).encode()
    if suffix in (".zip", ".jsonl.gz"):
        return _zip({"rows.jsonl": lines}) if suffix == ".zip" else gzip.compress(lines)
    if suffix in (".csv", ".tsv"):
        return "\n".join("\t".join(row) for row in [("question", "answer"), *cells]).encode()
    if suffix in (".txt", ".md"):
        return "\n\n".join(f"Q: {question}\nA: {answer}" for question, answer in cells).encode()
    return json.dumps(rows).encode() if suffix == ".json" else lines


def mutated(rng: random.Random) -> Case:
    suffix = rng.choice(_SUFFIXES)
    content = bytearray(_valid(rng, suffix))
    for _ in range(rng.choice([1, 1, 3, 20])):
        place = rng.randrange(len(content))
        action = rng.randrange(4)
        if action == 0:
            content[place] ^= 1 << rng.randrange(8)
        elif action == 1:
            del content[place : place + rng.choice([1, 5, 100])]
        elif action == 2:
            content[place:place] = rng.randbytes(rng.choice([1, 4, 50]))
        else:
            content[place:place] = content[: rng.choice([5, 200])]
        content = content or bytearray(b"x")
    return Case("mutated", f"rows{suffix}", bytes(content))


Maker = Callable[[random.Random], Case]
_OFTEN: tuple[Maker, ...] = (
    truncated_array,
    truncated_line,
    damaged_lines,
    other_values,
    deep_nesting,
    nul_bytes,
    surrogates,
    path_traversal,
    nested_archive,
    formulas,
    encodings,
    wrong_bytes,
    mixed_line_ends,
    web_page,
    garbage,
    open_quote,
    ragged,
    mutated,
    mutated,
    mutated,
)
_SELDOM: tuple[Maker, ...] = (bomb, explosive_sheet)


def cases(seed: int, long_line_bytes: int) -> Iterator[Case]:
    """Yield hostile files without end; every hundredth is large."""
    rng = random.Random(seed)
    makers, seldom = cycle(_OFTEN), cycle(_SELDOM)
    number = 0
    while True:
        number += 1
        if long_line_bytes and number % 100 == 3:
            yield long_line(rng, long_line_bytes)
        elif number % 50 == 7:
            yield next(seldom)(rng)
        else:
            yield next(makers)(rng)


def json_test_suite(folder: Path) -> Iterator[Case]:
    """Yield every file of a JSON parsing test suite, as a document and as lines."""
    for path in sorted(folder.rglob("*.json")):
        for suffix in (".json", ".jsonl"):
            yield Case(f"suite {path.stem}", f"rows{suffix}", path.read_bytes())


def naughty(path: Path) -> Iterator[Case]:
    """Yield a list of odd strings as answers, in every text format, and each one as a file."""
    texts = [text for text in json.loads(path.read_text(encoding="utf-8")) if text.strip()]
    rows = [{"question": f"what is number {n}", "answer": text} for n, text in enumerate(texts)]
    same = tuple(texts)
    content = json.dumps(rows).encode("utf-8", "surrogatepass")
    yield Case("naughty json", "rows.json", content, good=len(rows), texts=same)
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    yield Case("naughty jsonl", "rows.jsonl", lines, good=len(rows), texts=same)
    for text in texts:
        for suffix in (".txt", ".csv", ".json"):
            yield Case("naughty file", f"rows{suffix}", text.encode("utf-8", "replace"))
