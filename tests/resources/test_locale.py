"""Every catalogue is whole, and its sentences are filled like their sources."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from core.language import available
from tests.packaging.test_trimming import load

messages = load("messages")
LANGUAGES = ("de", "es", "fr", "ja", "pt_BR", "zh_CN")
_BRACES = re.compile(r"\{[^{}]*\}")
_TAGS = re.compile(r"</?[a-z][^<>]*>")


@pytest.fixture(scope="module")
def source() -> Catalog:
    return messages.template()


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return messages.read(messages.catalogue_file(request.param), request.param)


def _forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def _sources(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple | list) else [message.id]


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def test_the_languages_are_offered():
    assert set(LANGUAGES) < set(available())


def test_every_sentence_is_translated(source, catalogue):
    wanted = {tuple(_sources(message)) for message in _messages(source)}
    made = {
        tuple(_sources(message))
        for message in _messages(catalogue)
        if all(_forms(message)) and not message.fuzzy
    }
    assert len(wanted) > 1_500
    assert wanted - made == set()


def test_every_brace_and_tag_is_kept(catalogue):
    wrong = []
    for message in _messages(catalogue):
        one, *many = _sources(message)
        wanted = set(_BRACES.findall((many or [one])[0]))
        may_lack = {"{count}", "{count:,}"} if many else set()
        for form in _forms(message):
            got = set(_BRACES.findall(form))
            of_one = set(_BRACES.findall(one))
            if not (wanted - may_lack <= got <= wanted | of_one or got == of_one):
                wrong.append(form)
            if sorted(_TAGS.findall(form)) != sorted(_TAGS.findall((many or [one])[0])):
                wrong.append(form)
            if form != form.strip() and (many or [one])[0] == (many or [one])[0].strip():
                wrong.append(form)
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_has_the_words_of_the_field(language):
    file = Path(messages.LOCALES) / language / "glossary.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    words = {row["source"].lower(): row["target"] for row in rows}
    assert len(rows) >= 40
    assert all(row["target"] for row in rows)
    assert {"base model", "adapter", "learning rate", "checkpoint", "loss"} <= set(words)
