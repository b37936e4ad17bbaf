"""Faults to plant in clean examples, one maker for each kind of finding."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.data.findings.kinds import Kind
from tests.core.data.examples import ask, clean_pair, similarity, word_pairs

_SIGNED = 45  # rows: a tenth of the largest set, and more
_PLACES = ("Letter", "Mail", "Note", "Call")


@dataclass(eq=False)
class Row:
    """One row of a set.

    Attributes:
        planted: kinds that must be found in it.
        allowed: kinds that may be found in it because of what was planted.
        twins: rows of the same group; all but the first in the file are copies.
        turns: roles and texts in another order than question and answer.
        raw: the line as it stands in the file, for rows that cannot be written otherwise.
    """

    question: str
    answer: str
    planted: set[Kind] = field(default_factory=set)
    allowed: set[Kind] = field(default_factory=set)
    twin: Row | None = None
    copies: Kind | None = None
    turns: tuple[tuple[str, str], ...] = ()
    masked: bool = False
    raw: str = ""

    def cells(self) -> list[str]:
        """Return the row of a table."""
        if self.raw:
            return [self.question, self.answer, self.raw]
        return [self.question, self.answer]

    def value(self, shape: str) -> dict[str, Any]:
        """Return the row as an object of ``shape``."""
        turns = self.turns or (("user", self.question), ("assistant", self.answer))
        if shape == "messages":
            weight = {"weight": 0} if self.masked else {}
            return {"messages": [{"role": r, "content": t, **weight} for r, t in turns]}
        if shape == "sharegpt":
            names = {"user": "human", "assistant": "gpt", "system": "system"}
            return {"conversations": [{"from": names[r], "value": t} for r, t in turns]}
        if shape == "instruction":
            return {"instruction": self.question, "input": "", "output": self.answer}
        return {"question": self.question, "answer": self.answer}


def settle(rows: list[Row]) -> None:
    """Let the later one of two twins be the copy, now that the order is known."""
    place = {id(row): number for number, row in enumerate(rows)}
    for row in rows:
        if row.twin is not None and row.copies is not None:
            later = max((row, row.twin), key=lambda one: place[id(one)])
            later.planted.add(row.copies)


def fits(kind: Kind, shape: str) -> bool:
    """Return whether rows of ``shape`` can have a fault of this kind."""
    if kind is Kind.UNLEARNABLE:
        return shape == "messages"
    if kind is Kind.ROLE_ORDER:
        return shape in ("messages", "sharegpt")
    if kind is Kind.MIXED_FORMAT:
        return shape != "csv"
    return True


def exact_duplicate(rng: random.Random, row: Row) -> list[Row]:
    change = rng.choice([str, str.upper, lambda text: text.replace(" the ", " The ")])
    return [Row(row.question, change(row.answer), twin=row, copies=Kind.EXACT_DUPLICATE)]


def near_duplicate(rng: random.Random, row: Row) -> list[Row]:
    words = row.answer.split()
    place = rng.randrange(len(words))
    ways = [[*words, "Indeed."], words[:-1], [*words[:place], "lamp", *words[place + 1 :]]]
    rng.shuffle(ways)
    original = word_pairs(ask(row.question, row.answer))
    for way in ways:
        answer = " ".join(way)
        if 0.8 <= similarity(original, word_pairs(ask(row.question, answer))) < 1:
            return [Row(row.question, answer, twin=row, copies=Kind.NEAR_DUPLICATE)]
    return []


def whitespace(rng: random.Random, row: Row) -> list[Row]:
    change = rng.choice(
        [
            lambda text: f"  {text}",
            lambda text: f"{text} \n",
            lambda text: text.replace(" the ", "  the ", 1).replace(" the ", "   the ", 1),
            lambda text: text.replace(" the ", " \u200bthe "),
            lambda text: text.replace(" the ", " \x07the "),
            lambda text: text.replace(". ", ".\r\n") + "\r\n",
            lambda text: f"{text}\n\n\n\n\n\nThe end.",
            lambda text: text.replace(" the ", "\t\tthe ", 1) + "\t",
        ]
    )
    row.answer = change(row.answer)
    row.planted.add(Kind.WHITESPACE)
    return []


def broken_text(rng: random.Random, row: Row) -> list[Row]:
    word = rng.choice(["Größe", "naïve", "café", "Übermut", "déjà", "señor", "don’t", "“so”"])
    damaged = [
        word.encode().decode("cp1252", "replace"),
        "lost \ufffd letter",
        f"caf\ufffd\ufffd {word}",
    ]
    row.answer = row.answer.replace(" the ", f" {rng.choice(damaged)} ", 1)
    row.planted.add(Kind.BROKEN_TEXT)
    return []


def html(rng: random.Random, row: Row) -> list[Row]:
    row.answer = rng.choice(
        [
            f"<p>{row.answer}</p>",
            f'<div class="answer">{row.answer}</div>',
            row.answer.replace(" ", "&nbsp;", 1),
            row.answer.replace(". ", ".<br/>", 1) + "<br>",
            f"{row.answer}<|im_end|>",
            f"[INST] {row.answer} [/INST]",
            f'{row.answer} <a href="http://example.org/x">more</a>',
            f"<b>{row.answer}</b>",
            f"{row.answer} &amp; so on &quot;ever&quot;",
            f"<span style='x'>{row.answer}</span><!-- note -->",
        ]
    )
    row.planted.add(Kind.HTML)
    return []


def mixed_format(rng: random.Random, row: Row) -> list[Row]:
    row.answer = json.dumps({rng.choice(["summary", "answer", "text"]): row.answer})
    row.planted.add(Kind.MIXED_FORMAT)
    return []


def signature(rng: random.Random, row: Row) -> list[Row]:
    """Many answers end with the same lines: so many that they are a large share of the set."""
    words = rng.choice(["Kind regards", "With best wishes", "Yours sincerely"])
    end = f"\n\n{words},\n{rng.choice(['The lamp team', 'Your choir', 'Mill Lane Bakery'])}"
    added = [Row(*clean_pair(rng)) for _ in range(_SIGNED)]
    for number, one in enumerate((row, *added)):
        one.question = f"{rng.choice(_PLACES)} {number + 1}: {one.question}"
        one.answer += end
        one.planted.add(Kind.FRAME)
        one.allowed |= {Kind.NEAR_DUPLICATE, Kind.WHITESPACE}
    return added


def empty(rng: random.Random, row: Row) -> list[Row]:
    nothing = rng.choice(["", " ", "\n\t"])
    if rng.random() < 0.7:
        row.answer = nothing
    else:
        row.question = nothing
    row.planted.add(Kind.EMPTY)
    row.allowed |= {Kind.WHITESPACE}
    return []


def trivial(rng: random.Random, row: Row) -> list[Row]:
    row.answer = rng.choice(
        [
            "N/A",
            "n/a",
            "TODO",
            "...",
            "None",
            "null",
            "ok",
            "idk",
            "-",
            "???",
            "I don't know.",
            "test",
            "No answer",
            "TBD",
            "Lorem ipsum dolor sit amet",
            "<noinput>",
            "No output",
        ]
    )
    row.planted.add(Kind.TRIVIAL)
    return []


def role_order(rng: random.Random, row: Row) -> list[Row]:
    question, answer = ("user", row.question), ("assistant", row.answer)
    row.turns = rng.choice(
        [
            (answer, question, answer),
            (question, question, answer),
            (question, answer, question),
            (question, answer, answer),
            (question, answer, ("system", "Be brief.")),
            (answer, question),
            (question,),
        ]
    )
    row.planted.add(Kind.ROLE_ORDER)
    # A conversation that ends with a question has no answer to learn or to look at.
    row.allowed |= {Kind.UNLEARNABLE, Kind.EMPTY, Kind.TRIVIAL, Kind.ECHO, Kind.CONFLICT}
    return []


def echo(rng: random.Random, row: Row) -> list[Row]:
    row.answer = rng.choice([str, str.upper, str.lower])(row.question)
    row.planted.add(Kind.ECHO)
    return []


def too_long(rng: random.Random, row: Row) -> list[Row]:
    while len(row.answer) < 9000:
        row.answer += " " + clean_pair(rng)[1]
    row.planted |= {Kind.TOO_LONG, Kind.OUTLIER}
    return []


def outlier(rng: random.Random, row: Row) -> list[Row]:
    while len(row.answer) < 5000:
        row.answer += " " + clean_pair(rng)[1]
    row.planted.add(Kind.OUTLIER)
    return []


_FOREIGN = (
    "Das ist nicht die Antwort, die wir für diese Frage haben, und sie ist auch nicht gut.",
    "Le chat est sur la table et il ne veut pas descendre pour nous, mais avec les autres.",
    "El gato está en la mesa y no quiere bajar para los otros, pero es muy bueno con el niño.",
    "Il gatto è sul tavolo e non vuole scendere per gli altri, ma questo è anche della casa.",
    "De kat ligt op het bed en wil niet voor de anderen naar beneden komen, maar dat is ook goed.",
    "Кошка сидит на столе и совсем не хочет спускаться вниз к своим хозяевам.",
    "猫在桌子上睡觉，它不想下来，也不想和任何人一起玩。",
    "猫はテーブルの上で寝ていて、誰とも遊びたくないようです。",
    "고양이가 탁자 위에서 자고 있으며 내려오고 싶어하지 않습니다.",
    "القطة نائمة على الطاولة ولا تريد النزول أو اللعب مع أي شخص.",
)


def language(rng: random.Random, row: Row) -> list[Row]:
    row.answer = f"{rng.choice(_FOREIGN)} {rng.randint(2, 99)}"
    row.planted.add(Kind.LANGUAGE)
    return []


def conflict(rng: random.Random, row: Row) -> list[Row]:
    other = clean_pair(rng)[1] + " Nothing else was ever said about it."
    row.planted.add(Kind.CONFLICT)
    return [Row(row.question, other, {Kind.CONFLICT})]


def _letters(
    rng: random.Random, count: int, alphabet: str = string.ascii_letters + string.digits
) -> str:
    return "".join(rng.choice(alphabet) for _ in range(count))


def secret(rng: random.Random, row: Row) -> list[Row]:
    digits, key = string.digits, "OPENSSH PRIVATE KEY"
    upper = string.ascii_uppercase + digits
    password = f"{rng.choice(['Tr0ub', 'k9Jm', 'Zx8q'])}&{_letters(rng, 5)}{rng.randint(2, 9)}"
    found = rng.choice(
        [
            f"AKIA{_letters(rng, 16, upper)}",
            f"ghp_{_letters(rng, 36)}",
            f"hf_{_letters(rng, 34)}",
            f"sk-proj-{_letters(rng, 48)}",
            f"AIza{_letters(rng, 35)}",
            f"sk_live_{_letters(rng, 24)}",
            f"glpat-{_letters(rng, 20)}",
            f"xoxb-{_letters(rng, 12, digits)}-{_letters(rng, 12, digits)}-{_letters(rng, 24)}",
            f"eyJ{_letters(rng, 20)}.eyJ{_letters(rng, 40)}.{_letters(rng, 43)}",
            f"-----BEGIN {key}-----\n{_letters(rng, 64)}\n-----END {key}-----",
            f"password: {password}",
            f"The password is {password}",
            f'api_key = "{_letters(rng, 32, "0123456789abcdef")}"',
            f"postgres://anna:{_letters(rng, 9)}7x@db.internal:5432/main",
        ]
    )
    row.answer = f"{row.answer} {found}"
    row.planted.add(Kind.SECRET)
    return []


def _card(rng: random.Random) -> str:
    digits = [4, *(rng.randrange(10) for _ in range(14))]
    doubled = [d * 2 if n % 2 == 0 else d for n, d in enumerate(digits)]
    digits.append(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
    text = "".join(map(str, digits))
    return rng.choice([text, " ".join(text[n : n + 4] for n in range(0, 16, 4))])


def _iban(rng: random.Random) -> str:
    account = f"{rng.randint(10**17, 10**18 - 1)}"
    check = 98 - int(account + "131400") % 97
    text = f"DE{check:02d}{account}"
    return rng.choice([text, " ".join(text[n : n + 4] for n in range(0, len(text), 4))])


def personal_data(rng: random.Random, row: Row) -> list[Row]:
    name = rng.choice(["anna.schmidt", "b.miller84", "carla_rossi", "d-jones"])
    found = rng.choice(
        [
            f"{name}@{rng.choice(['gmx.de', 'posteo.net', 'uni-berlin.de', 'outlook.com'])}",
            f"+49 30 {rng.randint(2001, 9899)} {rng.randint(2001, 9899)}",
            f"({rng.randint(212, 499)}) {rng.randint(600, 899)}-{rng.randint(2001, 9899)}",
            f"Tel. 089 {rng.randint(2001, 9899)} {rng.randint(2001, 9899)}",
            _card(rng),
            _iban(rng),
            f"{rng.randint(100, 665)}-{rng.randint(10, 99)}-{rng.randint(2001, 9899)}",
            ".".join(str(rng.randint(60, 99)) for _ in range(4)),
        ]
    )
    row.answer = f"{row.answer} ({found})"
    row.planted.add(Kind.PERSONAL_DATA)
    return []


def profanity(rng: random.Random, row: Row) -> list[Row]:
    row.answer = row.answer.replace(" the ", f" the {rng.choice(['fucking', 'shitty'])} ", 1)
    row.planted.add(Kind.PROFANITY)
    return []


def malformed_row(rng: random.Random, row: Row) -> list[Row]:
    line = json.dumps({"question": row.question, "answer": row.answer})
    row.raw = rng.choice(
        [
            line[: rng.randint(5, len(line) - 2)],
            '{"question": oops}',
            "17",
            "true",
            '{"other": [1, 2]}',
        ]
    )
    row.planted.add(Kind.MALFORMED_ROW)
    row.allowed.add(Kind.MIXED_FORMAT)
    return []


def unlearnable(rng: random.Random, row: Row) -> list[Row]:
    row.masked = True
    row.planted.add(Kind.UNLEARNABLE)
    return []


PLANTS: dict[Kind, Callable[[random.Random, Row], list[Row]]] = {
    Kind(maker.__name__): maker
    for maker in (
        exact_duplicate,
        near_duplicate,
        whitespace,
        broken_text,
        html,
        mixed_format,
        signature,
        empty,
        trivial,
        role_order,
        echo,
        too_long,
        language,
        outlier,
        conflict,
        secret,
        personal_data,
        profanity,
        malformed_row,
        unlearnable,
    )
}
"""Each takes a clean row, changes it, and returns rows to add."""
