import random

import pytest

from core.data.findings.language import LANGUAGES, UNKNOWN, is_language_task, language_of
from core.data.findings.near.shingles import words_of
from tests.core.data.examples import INNOCENT, clean_pair

TEXTS = {
    "English": "The cat is on the mat and it does not want to come down for us.",
    "German": "Die Katze liegt auf der Matte und sie will nicht für uns aufstehen.",
    "French": "Le chat est sur la table et il ne veut pas descendre pour nous.",
    "Spanish": "El gato está en la mesa y no quiere bajar para los otros, pero es muy bueno.",
    "Italian": "Il gatto è sul tavolo e non vuole scendere per gli altri, ma è anche della casa.",
    "Portuguese": "O gato não quer descer da mesa para os outros, mas também está em casa.",
    "Dutch": "De kat ligt op het bed en wil niet voor de anderen komen, maar dat is ook goed.",
    "Polish": "Kot jest na stole i nie chce zejść do innych, ale tak jest przez cały dzień.",
    "Swedish": "Katten är på bordet och den vill inte komma ner, men det är också bra.",
    "Russian": "Кошка сидит на столе и не хочет спускаться.",
    "Chinese": "猫在桌子上，不想下来。",
    "Japanese": "猫はテーブルの上にいて、降りたくないです。",
    "Korean": "고양이가 탁자 위에 있고 내려오고 싶어하지 않는다.",
    "Greek": "Η γάτα είναι στο τραπέζι και δεν θέλει να κατέβει.",
    "Arabic": "القطة على الطاولة ولا تريد النزول.",
    "Hebrew": "החתול על השולחן והוא לא רוצה לרדת.",
    "Hindi": "बिल्ली मेज पर है और नीचे नहीं आना चाहती।",
    "Thai": "แมวอยู่บนโต๊ะและไม่อยากลงมา",
}


def name_of(text):
    return LANGUAGES[language_of(text, words_of(text.lower()))]


@pytest.mark.parametrize("name", TEXTS)
def test_languages(name):
    assert name_of(TEXTS[name]) == name


@pytest.mark.parametrize(
    "text",
    ["", "Yes.", "42", "Größe", "x = y + 1", "SELECT a FROM b", "Café Zürich", "a b c d e f"],
)
def test_short_texts_and_code_have_no_language(text):
    assert language_of(text, words_of(text.lower())) == UNKNOWN


def test_english_prose_is_never_another_language():
    rng = random.Random(3)
    names = {name_of(" ".join(clean_pair(rng))) for _ in range(300)}
    assert names <= {"English", ""}
    plain = [a for q, a in INNOCENT if not is_language_task(q)]
    assert {name_of(answer) for answer in plain} <= {"English", ""}


@pytest.mark.parametrize(
    "question",
    [
        "Translate this",
        "Übersetze ins Englische",
        "How do you say in French",
        "Traduis",
        "Spanish?",
    ],
)
def test_language_tasks(question):
    assert is_language_task(question)


def test_other_questions_are_no_language_task():
    assert not is_language_task("What is the capital of the country?")
