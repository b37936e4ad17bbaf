"""Make the sample project's examples from Python's own standard library.

Each example asks to document a function and answers with the first sentence of its docstring in
one house format. Faults are planted on purpose, so that the Examples page has something to find:
copies, near copies, HTML, damaged letters, JSON among plain answers, lines that are no JSON, empty
answers and whole modules in the place of a function. The same standard library always
gives the same file::

    python resources/sample/make_examples.py [FILE]
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import re
import sys
import sysconfig
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE / "code-documentation.jsonl"
SOURCES = HERE / "code-documentation.sources.json"

INSTRUCTION = "Document this function in one sentence."
GOOD, COPIES, NEAR_COPIES = 335, 30, 8
HTML, MOJIBAKE, BAD_BYTES, STRAY_SPACE, JSON_ANSWERS = 9, 5, 3, 8, 6
LOST_LETTERS, PLAIN_LINES, EMPTY, OVER_LONG = 4, 6, 6, 4

_SKIPPED = re.compile(
    r"^(?:test|idlelib|lib2to3|site-packages|turtledemo|ensurepip|encodings|distutils|msilib"
    r"|pydoc_data|__phello__|config-|_pyrepl|venv|tkinter|turtle)|/tests?/|/_|^_|antigravity|this\.py"
)
_SENTENCE = re.compile(r"([A-Z][a-z]+s? [^.:;`<>\"\\|]{12,110})\.(?:\s|$)")
_ODD = re.compile(r"e\.g|i\.e|etc|>>>|--|\bNote\b|deprecated|obsolete|html|xml|http|\d{5}", re.I)
_PER_MODULE = 6


@dataclass(frozen=True)
class Function:
    """A function of the standard library: where it is, its source and what it says it does."""

    module: str
    name: str
    source: str
    sentence: str

    @property
    def place(self) -> str:
        """A number that depends on nothing but the function's name: a fixed random order."""
        return hashlib.sha256(f"{self.module}.{self.name}".encode()).hexdigest()

    def row(self) -> dict[str, str]:
        """Return the example in the house format."""
        answer = f"`{self.name}`: {self.sentence}"
        return {"instruction": INSTRUCTION, "input": self.source, "output": answer}


def modules(root: Path) -> Iterator[Path]:
    """Yield the library's modules, without tests, generated tables and the window toolkit."""
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if not _SKIPPED.search(name):
            yield path


def functions(path: Path, root: Path) -> Iterator[Function]:
    """Yield a module's public functions and methods that say in one sentence what they do."""
    text = path.read_text(encoding="utf-8")
    module = path.relative_to(root).as_posix()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            sentence = first_sentence(ast.get_docstring(node) or "")
            if sentence:
                yield Function(module, node.name, without_docstring(node, text), sentence)


def first_sentence(docstring: str) -> str:
    """Return the docstring's first sentence, or nothing if it is no plain sentence."""
    paragraph = " ".join(docstring.split("\n\n", maxsplit=1)[0].split())
    match = _SENTENCE.match(paragraph)
    if not match or _ODD.search(match.group()) or not match.group().isascii():
        return ""
    return match.group(1) + "."


def without_docstring(node: ast.FunctionDef, text: str) -> str:
    """Return the function's source with the lines of its docstring left out."""
    lines = text.splitlines()
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    doc = node.body[0]
    kept = lines[first : doc.lineno - 1] + lines[doc.end_lineno or doc.lineno : node.end_lineno]
    source = textwrap.dedent("\n".join(line.expandtabs().rstrip() for line in kept)).strip("\n")
    return re.sub(r"\n{2,}", "\n", source)


def is_usable(function: Function) -> bool:
    """Return whether the function is short, plain and has a body beside its docstring."""
    source = function.source
    return (
        90 <= len(source) <= 800
        and source.isascii()
        and source.count("\n") >= 2
        and not _ODD.search(source)
        and not re.search(r"[<>]\w|&\w|\[/?INST|password|token|secret|@\w+\.\w|json", source, re.I)
        and max(map(len, source.splitlines())) <= 100
    )


def pairs_of_words(row: dict[str, str]) -> frozenset[tuple[str, str]]:
    """Return the pairs of neighbouring words in an example's code and answer."""
    words = re.findall(r"\w+", f"{row['input']} {row['output']}".lower())
    return frozenset(itertools.pairwise(words))


def choose(found: list[Function], count: int) -> list[Function]:
    """Return functions that differ from each other, a few of each module."""
    chosen: list[Function] = []
    seen: list[frozenset[tuple[str, str]]] = []
    per_module: dict[str, int] = {}
    for function in sorted(found, key=lambda f: f.place):
        pairs = pairs_of_words(function.row())
        if per_module.get(function.module, 0) >= _PER_MODULE or not is_usable(function):
            continue
        if any(len(pairs & other) > 0.5 * len(pairs | other) for other in seen):
            continue
        chosen.append(function)
        seen.append(pairs)
        per_module[function.module] = per_module.get(function.module, 0) + 1
        if len(chosen) == count:
            return chosen
    raise SystemExit(f"this standard library has only {len(chosen)} fitting functions")


Row = dict[str, str]
Change = Callable[[Row], Row]


def answered(row: Row, answer: str) -> Row:
    """Return the example with another answer."""
    return {**row, "output": answer}


def as_html(row: Row) -> Row:
    """Return the answer as somebody would scrape it from a page."""
    name, _, sentence = row["output"].partition(": ")
    styles = (
        f"<p>{row['output']}</p>",
        f"{name}:&nbsp;{sentence}",
        f"<b>{name}</b>: {sentence}<br>",
        f'<span class="summary">{row["output"]}</span>',
    )
    return answered(row, styles[len(sentence) % len(styles)])


def as_mojibake(row: Row) -> Row:
    """Return the answer with an apostrophe that went through a wrong encoding."""
    apostrophe = "\u2019".encode().decode("cp1252")
    return answered(row, row["output"].replace("'", apostrophe))


def with_bad_byte(row: Row) -> Row:
    """Return the answer with an apostrophe of Windows-1252 (a lone surrogate until written)."""
    return answered(row, row["output"].replace("'", "\udc92"))


def with_stray_space(row: Row) -> Row:
    """Return the answer with white space that does not belong there."""
    name, _, sentence = row["output"].partition(": ")
    styles = (f"  {row['output']}\n\n", f"{name}: {sentence}\u200b", f"\t{row['output']} ")
    return answered(row, styles[len(sentence) % len(styles)])


def as_json(row: Row) -> Row:
    """Return the answer wrapped in JSON."""
    return answered(row, json.dumps({"summary": row["output"]}))


def with_lost_letters(row: Row) -> Row:
    """Return the answer with letters that nobody can bring back."""
    return answered(row, re.sub("[ei]", "\ufffd", row["output"], count=3))


def as_copy(row: Row) -> Row:
    """Return a copy that differs in nothing but case and white space, or not at all."""
    style = len(row["output"]) % 3
    if style == 0:
        return answered(row, row["output"] + " ")
    return {**row, "instruction": INSTRUCTION.upper()} if style == 1 else dict(row)


def as_near_copy(row: Row) -> Row:
    """Return a copy with one remark more in its code."""
    return {**row, "input": row["input"] + "\n    # unchanged"}


def as_empty(row: Row) -> Row:
    """Return the example without its answer."""
    return answered(row, "" if len(row["input"]) % 2 else "   ")


def encode(row: Row) -> bytes:
    """Return the example as a line; lone surrogates become the raw bytes that they stand for."""
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def plain_line(row: Row) -> bytes:
    """Return the answer as a line of plain text, which is no JSON."""
    return row["output"].encode() + b"\n"


def planted(rows: list[Row], spare: list[Row], long_rows: list[Row]) -> list[bytes]:
    """Return all lines: the good examples, some of them damaged, and surplus bad ones between."""
    with_apostrophe = sorted(range(len(rows)), key=lambda n: ("'" not in rows[n]["output"], n))
    rows = [rows[n] for n in with_apostrophe]
    place = 0
    for count, change in (
        (MOJIBAKE, as_mojibake), (BAD_BYTES, with_bad_byte), (HTML, as_html),
        (STRAY_SPACE, with_stray_space), (JSON_ANSWERS, as_json),
    ):  # fmt: skip
        for _ in range(count):
            rows[place] = change(rows[place])
            place += 1
    wordy = sorted(range(place + COPIES, len(rows)), key=lambda n: -len(pairs_of_words(rows[n])))
    copied = [(n, encode(as_copy(rows[n]))) for n in range(place, place + COPIES)]
    copied += [(n, encode(as_near_copy(rows[n]))) for n in wordy[:NEAR_COPIES]]
    surplus = [encode(with_lost_letters(row)) for row in spare[:LOST_LETTERS]]
    surplus += [plain_line(row) for row in spare[LOST_LETTERS : LOST_LETTERS + PLAIN_LINES]]
    surplus += [encode(as_empty(row)) for row in spare[-EMPTY:]]
    surplus += [encode(row) for row in long_rows]
    return spread([encode(row) for row in rows] + surplus, copied)


def spread(lines: list[bytes], copied: list[tuple[int, bytes]]) -> list[bytes]:
    """Return all lines in a fixed random order; a copy stands somewhere after its original."""

    def chance(what: str) -> float:
        return int(hashlib.sha256(what.encode()).hexdigest()[:12], 16) / 16**12

    placed = [(chance(str(number)), line) for number, line in enumerate(lines)]
    for original, line in copied:
        before = placed[original][0]
        placed.append((before + (1 - before) * chance(f"copy {original}"), line))
    return [line for _, line in sorted(placed)]


def long_modules(root: Path) -> list[Row]:
    """Return whole modules, as if somebody had pasted a file instead of a function."""
    rows = []
    for path in modules(root):
        text = path.read_text(encoding="utf-8")
        sentence = first_sentence(ast.get_docstring(ast.parse(text)) or "")
        if sentence and 9000 < len(text) < 14000 and text.isascii() and not re.search("[@<]", text):
            rows.append({"instruction": INSTRUCTION, "input": text.strip().expandtabs(),
                         "output": f"`{path.stem}`: {sentence}"})  # fmt: skip
    return rows[:OVER_LONG]


def make(root: Path) -> tuple[bytes, dict[str, str]]:
    """Return the file's content, and the SHA-256 of every module that it was made from."""
    found = [function for path in modules(root) for function in functions(path, root)]
    spare_count = LOST_LETTERS + PLAIN_LINES + EMPTY
    rows = [function.row() for function in choose(found, GOOD + spare_count)]
    lines = planted(rows[:GOOD], rows[GOOD:], long_modules(root))
    hashes = {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in modules(root)
    }
    return b"".join(lines), hashes


def main(arguments: list[str]) -> None:
    """Write the file, and beside it what it was made from."""
    target = Path(arguments[0]) if arguments else EXAMPLES
    content, hashes = make(Path(sysconfig.get_path("stdlib")))
    target.write_bytes(content)
    record = {"python": sys.version.split()[0], "modules": hashes}
    target.with_suffix(".sources.json").write_text(
        json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
