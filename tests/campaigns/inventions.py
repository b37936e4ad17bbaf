"""Plants names and numbers in a third of otherwise sound answers; each must be marked.

``python -m tests.campaigns.inventions [--cases 2000] [--seed 0] [FILE…]``: questions and answers of
the sample, of the general examples, of seven languages (:mod:`tests.campaigns.invention_texts`) and
of any files of instructions. Sound answers say what is expected in other words: numbers and dates
in another form, sentences in another order, an opening before them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.data.mixture import general_examples
from core.evaluation.facts.checker import marked
from core.sample_project import EXAMPLES
from tests.campaigns.invention_texts import (
    FRAMES,
    NAMES,
    NUMBER_FRAMES,
    NUMBERS,
    OTHER_FRAMES,
    TEXTS,
)

_PLANTED = 1 / 3
_OPENINGS = {
    "en": ["Certainly.", "Sure, here it is:", "Of course."],
    "de": ["Gern.", "Natürlich.", "Hier ist die Antwort:"],
    "fr": ["Bien sûr.", "Voici la réponse :"],
    "es": ["Claro.", "Aquí está la respuesta:"],
    "pt": ["Claro.", "Aqui está a resposta:"],
    "ja": ["はい。"],
    "zh": ["好的。"],
}


@dataclass(frozen=True)
class Text:
    """A question with its expected answer, and other words for that."""

    domain: str
    language: str
    question: str
    expected: str
    reworded: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What was found; ``missed`` and ``alarms`` hold the texts."""

    planted: int = 0
    found: int = 0
    sound: int = 0
    marked: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of planted things that were marked."""
        return self.found / max(1, self.planted)

    @property
    def false_alarms(self) -> float:
        """Share of sound answers in which something was marked."""
        return self.marked / max(1, self.sound)


def own_texts() -> list[Text]:
    """Return what lies in the repository."""
    found = [
        Text(f"letters-{language}", language, question, expected, (other,))
        for language, rows in TEXTS.items()
        for question, expected, other in rows
    ]
    with EXAMPLES.open(encoding="utf-8", errors="replace") as lines:
        rows = [_row(line) for line in lines]
    found += [
        Text("code", "en", f"{row['instruction']}\n{row['input']}", row["output"])
        for row in rows
        if row.get("output") and row.get("input")
    ]
    found += [Text("general", "en", e.question, e.answer) for e in general_examples()]
    return found


def _row(line: str) -> dict[str, str]:
    """Some lines of the sample are faulty on purpose."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return row if isinstance(row, dict) else {}


def texts_of(path: Path) -> list[Text]:
    """Return the English instructions of a JSON file."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    found = []
    for row in rows:
        answer = row.get("output") or row.get("response") or ""
        question = f"{row.get('instruction', '')}\n{row.get('input', '')}"
        if answer and len(answer) < 2000:
            found.append(Text(path.stem, "en", question, answer))
    return found


def sound_answer(text: Text, dice: random.Random) -> str:
    """Return the expected answer in other words."""
    answer = dice.choice((text.expected, *text.reworded))
    if text.domain == "code":
        answer = dice.choice((answer, answer.partition(": ")[2] or answer))
    sentences = re.split(r"(?<=[.!?。])\s+", answer)
    if text.domain.startswith("letters") and len(sentences) > 1 and dice.random() < 0.3:
        sentences.reverse()
        answer = " ".join(sentences)
    if dice.random() < 0.5:
        answer = re.sub(r"(?<=\d),(?=\d{3}\b)", "", answer)
    if dice.random() < 0.3:
        answer = f"{dice.choice(_OPENINGS[text.language])} {answer}"
    return answer


def planted(text: Text, answer: str, dice: random.Random) -> tuple[str, str, str]:
    """Return the answer with something planted, what it is, and its kind."""
    language = text.language
    kind = dice.choice(("name", "name", "number", "number", "other"))
    if kind == "name":
        thing = dice.choice(NAMES[language])
        sentence = dice.choice(FRAMES[language]).format(name=thing)
    elif kind == "number":
        thing = dice.choice(NUMBERS[language])
        sentence = dice.choice(NUMBER_FRAMES[language]).format(number=thing)
    else:
        thing = sentence = dice.choice(OTHER_FRAMES[language])
    gap = "" if language in ("ja", "zh") else " "
    if dice.random() < 0.3:
        return sentence + gap + answer, thing, kind
    if not answer.rstrip().endswith((".", "。", "!", "?", ":")):
        answer = answer.rstrip() + ("。" if not gap else ".")
    return answer + gap + sentence, thing, kind


def is_marked(answer: str, thing: str, known: Sequence[str]) -> bool:
    """Return whether something that was planted is marked."""
    start = answer.index(thing)
    return any(m.start < start + len(thing) and start < m.end for m in marked(answer, known))


def campaign(texts: Sequence[Text], cases: int, seed: int) -> dict[str, Outcome]:
    """Return what was found, by domain."""
    dice = random.Random(seed)
    domains = sorted({text.domain for text in texts})
    by_domain = {name: [text for text in texts if text.domain == name] for name in domains}
    outcomes = {name: Outcome() for name in domains}
    for number in range(cases):
        name = domains[number % len(domains)]
        text, outcome = dice.choice(by_domain[name]), outcomes[name]
        answer, known = sound_answer(text, dice), (text.question, text.expected)
        if dice.random() >= _PLANTED:
            outcome.sound += 1
            if found := marked(answer, known):
                outcome.marked += 1
                pieces = [f"{m.kind} {answer[m.start : m.end]!r}" for m in found]
                outcome.alarms.append(f"{pieces} in {answer[:200]!r}")
            continue
        answer, thing, kind = planted(text, answer, dice)
        outcome.planted += 1
        outcome.by_kind[kind] += 1
        if is_marked(answer, thing, known):
            outcome.found += 1
        else:
            outcome.missed.append(f"{kind} {thing!r} in {answer[-200:]!r}")
    return outcomes


def summed(outcomes: dict[str, Outcome]) -> Outcome:
    """Return all domains together."""
    whole = Outcome()
    for outcome in outcomes.values():
        for name in ("planted", "found", "sound", "marked"):
            setattr(whole, name, getattr(whole, name) + getattr(outcome, name))
    return whole


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=3)
    asked = parser.parse_args()
    texts = own_texts() + [text for path in asked.files for text in texts_of(path)]
    outcomes = campaign(texts, asked.cases, asked.seed)
    for name, outcome in {**outcomes, "all": summed(outcomes)}.items():
        sys.stdout.write(
            f"{name:28} planted {outcome.planted:5} marked {100 * outcome.recall:6.2f} % · "
            f"sound {outcome.sound:5} marked {100 * outcome.false_alarms:6.2f} %\n"
        )
        for line in [*outcome.missed[: asked.show], *outcome.alarms[: asked.show]]:
            sys.stdout.write(f"    {line}\n")


if __name__ == "__main__":
    main()
