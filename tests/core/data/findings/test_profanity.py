import pytest

from core.data.findings.language import LANGUAGES
from core.data.findings.near.shingles import words_of
from core.data.findings.profanity import has_profanity
from tests.core.data.examples import INNOCENT


@pytest.mark.parametrize("text", ["What the fuck?", "SHIT.", "so eine Scheiße", "¡mierda!"])
def test_coarse_words(text):
    assert has_profanity(set(words_of(text.lower())))


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe",
        "a cock crows",
        "great tits",
        "Assess the class",
        "shiitake",
        "Dick Tracy",
        *(answer for _, answer in INNOCENT),
    ],
)
def test_innocent_words(text):
    assert not has_profanity(set(words_of(text.lower())))


def test_a_word_that_is_harmless_in_another_language():
    english, french = LANGUAGES.index("English"), LANGUAGES.index("French")
    assert has_profanity({"retard"}, english)
    assert not has_profanity({"retard"}, french)
    assert not has_profanity({"puta"})
