"""Finds texts that a person could see and that do not go through :mod:`core.language`.

``python -m tests.sentences [FOLDER...]`` lists them. A text that nobody sees (a pattern, a query to
a database, a mark in a file) is said to be one by ``# not shown`` on the first line of its
statement or on its own line.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MARKERS = frozenset({"_", "N_", "ngettext", "Sentence"})
# Read by who develops the application, never by who uses it.
_TECHNICAL = re.compile(
    r"(\w*Error|\w*Exception|Path|re\.\w+|log\w*\.\w+|_?LOG\w*\.\w+|logging\.\w+|warnings\.\w+"
    r"|regex\.\w+|getattr|isinstance|.*\.(startswith|endswith|execute|executescript|setObjectName"
    r"|setProperty|getLogger|encode|removeprefix|removesuffix|warning|exception|debug|info))"
)
_SHOWN_ERRORS = frozenset({"UserFacingError"})
_WORDS = re.compile(r"[A-Za-z]{2,}[,.:;?!]? +(?:\{\}|[A-Za-z“(]{1,})|\{\} [a-z]{2,}")
_TITLE = re.compile(r"[A-Z][a-z]+(?:…|:)?")
_QUERY = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|ALTER|VACUUM|WITH)\b")
_NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Text:
    """A text in the product's code, outside gettext."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text!r}"


def texts_outside(source: str, file: Path, titles: bool) -> Iterator[Text]:
    """Yield the texts in ``source``; with ``titles`` single capitalised words too."""
    tree = ast.parse(source)
    excused = _excused_lines(source)
    yield from _walk(tree, file, titles, excused)


def _walk(node: ast.AST, file: Path, titles: bool, excused: set[int]) -> Iterator[Text]:
    if isinstance(node, ast.stmt) and node.lineno in excused and not _is_block(node):
        return
    if isinstance(node, ast.Call) and _is_through(node):
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _template(node)
        if node.lineno not in excused and _is_seen(text, titles):
            yield Text(file, node.lineno, text)
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from _walk(part, file, titles, excused)
        return
    for child in _children(node):
        yield from _walk(child, file, titles, excused)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "slice"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if is_text and isinstance(node, documented):
                continue  # a docstring, or a text behind a name
            yield child


def _is_block(node: ast.stmt) -> bool:
    return isinstance(
        node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef | ast.If | ast.For
    )


def _is_through(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if name in _MARKERS:
        return True
    last = name.rpartition(".")[2]
    return last not in _SHOWN_ERRORS and bool(
        _TECHNICAL.fullmatch(name) or _TECHNICAL.fullmatch(last)
    )


def _template(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )


def _is_seen(text: str, titles: bool) -> bool:
    if _QUERY.match(text):
        return False
    return bool(_WORDS.search(text)) or (titles and bool(_TITLE.fullmatch(text)))


def _excused_lines(source: str) -> set[int]:
    return {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and _NOT_SHOWN in token.string
    }


def all_texts_outside(folders: list[Path]) -> list[Text]:
    """Return the texts in the modules of ``folders``; in the window single words count too."""
    modules = [
        module
        for folder in folders
        for module in ([folder] if folder.is_file() else sorted(folder.rglob("*.py")))
    ]
    return [
        text
        for module in modules
        for text in texts_outside(
            module.read_text(encoding="utf-8"), module, titles=module.parts[0] == "gui"
        )
    ]


if __name__ == "__main__":
    found = all_texts_outside([Path(name) for name in sys.argv[1:]] or [Path("core"), Path("gui")])
    lines = [*map(str, found), f"{len(found)} texts outside core.language"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.exit(bool(found))
