"""Bring every catalogue of ``resources/locale`` up to date with the sentences of the code.

``make messages`` extracts them, with the texts of the glossary and of the models, into
``homelab_tuner.pot`` and merges that into each ``LANGUAGE/LC_MESSAGES/homelab_tuner.po``: new
and changed sentences come in untranslated, removed ones leave. ``--add fr``
begins a language; ``--compile`` only writes the ``.mo`` files, which the application reads faster.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "resources" / "locale"
DOMAIN = "homelab_tuner"
_COMMENT_LINES = 4
WIDTH = 100


def template() -> Catalog:
    """Return all sentences of the code."""
    catalogue = Catalog(project="Homelab Tuner", charset="utf-8")
    for module in sorted(
        path for folder in ("core", "gui") for path in (ROOT / folder).rglob("*.py")
    ):
        place = module.relative_to(ROOT).as_posix()
        for line, message, comments in sentences_of(module.read_text("utf-8")):
            catalogue.add(message, None, [(place, line)], auto_comments=comments)
    for text, place, comment in texts_of_resources():
        catalogue.add(text, None, [(place, 1)], auto_comments=[comment])
    return catalogue


def sentences_of(source: str) -> Iterator[tuple[int, str | tuple[str, str], list[str]]]:
    """Yield line, sentence (or singular and plural) and comments of each marked text.

    Babel's own extractor reads tokens and misses what stands inside an f-string.
    """
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [part.value for part in node.args[:2] if isinstance(part, ast.Constant)]
        if node.func.id in ("_", "N_") and texts and isinstance(texts[0], str):
            yield node.lineno, texts[0], _comments_above(lines, node.lineno)
        elif node.func.id == "ngettext" and len(texts) == 2:
            yield node.lineno, (str(texts[0]), str(texts[1])), _comments_above(lines, node.lineno)


def _comments_above(lines: list[str], line: int) -> list[str]:
    """Return the comment for translators that ends right above a line, or above its statement."""
    found: list[str] = []
    for text in reversed(lines[max(0, line - 1 - _COMMENT_LINES) : line - 1]):
        if text.lstrip().startswith("#"):
            found.insert(0, text.lstrip(" #"))
            if found[0].startswith("Translators:"):
                return found
        elif found or not text.endswith(("(", "[", "{", ",", "=")):
            return []
    return []


def texts_of_resources() -> Iterator[tuple[str, str, str]]:
    """Yield what the window shows of ``resources/*.json``: text, file, comment for translators."""
    glossary = json.loads((ROOT / "resources" / "glossary.json").read_text("utf-8"))
    for entry in glossary.values():
        yield entry["word"], "resources/glossary.json", "Translators: a word of the glossary."
        about = f"Translators: explains “{entry['word']}”."
        yield entry["text"], "resources/glossary.json", about
    models = json.loads((ROOT / "resources" / "models.json").read_text("utf-8"))
    for model in models:
        about = f"Translators: what {model['name']} is good at."
        yield model["good_at"], "resources/models.json", about


def catalogue_file(language: str) -> Path:
    """Return where the sentences of a language lie."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(file: Path, language: str) -> Catalog:
    """Return a catalogue, an empty one where there is none yet."""
    if not file.exists():
        return Catalog(locale=language, project="Homelab Tuner", charset="utf-8")
    return read_po(BytesIO(file.read_bytes()), locale=language)


def write(catalogue: Catalog, file: Path) -> None:
    """Write a catalogue without line numbers, so that only changed sentences show as changes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    made = BytesIO()
    write_po(
        made, catalogue, width=WIDTH, sort_output=True, ignore_obsolete=True, include_lineno=False
    )
    file.write_bytes(made.getvalue())


def languages() -> list[str]:
    """Return the languages that there are catalogues of."""
    return sorted(file.parts[-3] for file in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def compile_all() -> None:
    """Write each catalogue in the form that gettext reads fast."""
    for language in languages():
        file = catalogue_file(language)
        made = BytesIO()
        write_mo(made, read(file, language))
        file.with_suffix(".mo").write_bytes(made.getvalue())


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--add", metavar="LANGUAGE")
    parser.add_argument("--compile", action="store_true")
    asked = parser.parse_args()
    if asked.compile:
        compile_all()
        return
    sentences = template()
    write(sentences, LOCALES / f"{DOMAIN}.pot")
    for language in sorted({*languages(), *([asked.add] if asked.add else [])}):
        catalogue = read(catalogue_file(language), language)
        # Guessing which sentence became which takes a minute a language, and guesses wrong.
        catalogue.update(sentences, no_fuzzy_matching=True)
        write(catalogue, catalogue_file(language))


if __name__ == "__main__":
    main()
