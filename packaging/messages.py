"""Bring every catalogue of ``resources/locale`` up to date with the sentences of the code.

``make messages`` extracts them (Babel), with the texts of the glossary and of the models, into
``homelab_tuner.pot`` and merges that into each ``LANGUAGE/LC_MESSAGES/homelab_tuner.po``: new
and changed sentences come in untranslated, removed ones leave. ``--add fr``
begins a language; ``--compile`` only writes the ``.mo`` files, which the application reads faster.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "resources" / "locale"
DOMAIN = "homelab_tuner"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
WIDTH = 100


def template() -> Catalog:
    """Return all sentences of the code."""
    catalogue = Catalog(project="Homelab Tuner", charset="utf-8")
    for folder in ("core", "gui"):
        found = extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for file, line, message, comments, context in found:
            place = (f"{folder}/{file}", line)
            catalogue.add(message, None, [place], auto_comments=comments, context=context)
    for text, place, comment in texts_of_resources():
        catalogue.add(text, None, [(place, 1)], auto_comments=[comment])
    return catalogue


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
