"""The format of answers, learned from the examples: what nearly all of their answers share.

Each task of a mixture has its own. A rule is only made of what at least 95 % of the training
answers keep to, and an answer is in the format when it keeps all rules.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from core.data.example import Example
from core.data.findings.language import LANGUAGES, UNKNOWN, language_of
from core.jobs.scores import FormatRule
from core.language import N_, Sentence, _, in_a_row, language_named, ngettext

_ENOUGH = 20  # answers to learn from
_MOST = 2000
_NEARLY_ALL = 0.95
_MOST_CHOICES = 20
_LONGEST_START = 40
_SPREAD = 30  # between the shortest and the longest answer, if their length is to say anything
_NAMES: dict[str, str] = {
    "json": N_("JSON"),
    "keys": N_("with the keys {text}"),
    "starts": N_("starting with “{text}”"),
    "ends": N_("ending with “{text}”"),
    "one_line": N_("in one line"),
    "length": N_("{low:,} to {high:,} characters long"),
    "language": N_("in one language ({text})"),
}


Formats = dict[str, list[FormatRule]]
"""The rules of each task by its name; a task without rules is absent."""


def learned_formats(examples: Iterable[Example]) -> Formats:
    """Return what the answers of each task share."""
    answers: dict[str, list[str]] = {}
    for example in examples:
        of_task = answers.setdefault(example.task, [])
        if len(of_task) < _MOST:
            of_task.append(example.answer.strip())
    found = {task: _rules(texts) for task, texts in answers.items() if len(texts) >= _ENOUGH}
    return {task: rules for task, rules in found.items() if rules}


def in_format(answer: str, rules: Sequence[FormatRule]) -> bool:
    """Return whether ``answer`` keeps all rules."""
    return all(_keeps(rule, answer.strip()) for rule in rules)


def described(rules: Sequence[FormatRule], task: str = "") -> Sentence:
    """Return the rules of a task in words."""
    told = in_a_row([in_words(rule) for rule in rules])
    if task:
        return _("The format of “{task}”, from your examples: {rules}.", task=task, rules=told)
    return _("The format was learned from your examples: {rules}.", rules=told)


def in_words(rule: FormatRule) -> Sentence:
    """Return one rule in words."""
    if rule.code == "one_of":
        return ngettext("always the same text", "one of {count:,} texts", len(rule.texts))
    names = map(language_named, rule.texts) if rule.code == "language" else rule.texts
    text = ", ".join(names)
    return _(_NAMES[rule.code], text=text, low=rule.low, high=rule.high)


def _keeps(rule: FormatRule, text: str) -> bool:
    return _CHECKS[rule.code](rule, text)


_CHECKS: dict[str, Callable[[FormatRule, str], bool]] = {
    "one_of": lambda rule, text: text in rule.texts,
    "json": lambda _rule, text: _object(text) is not None,
    "keys": lambda rule, text: set(rule.texts) <= set(_object(text) or {}),
    "starts": lambda rule, text: text.startswith(tuple(rule.texts)),
    "ends": lambda rule, text: text.endswith(tuple(rule.texts)),
    "one_line": lambda _rule, text: "\n" not in text,
    "length": lambda rule, text: rule.low <= len(text) <= rule.high,
    "language": lambda rule, text: LANGUAGES[_language(text)] in ("", *rule.texts),
}


def _rules(answers: list[str]) -> list[FormatRule]:
    common = Counter(answers).most_common(_MOST_CHOICES)
    if _ENOUGH * len(common) <= 2 * len(answers) and _covers(sum(n for _t, n in common), answers):
        return [FormatRule(code="one_of", texts=sorted(text for text, _n in common))]
    if as_json := _json(answers):
        return as_json
    made = [*_ends(answers), *_one_line(answers), *_length(answers)]
    return [*made, *_of_language(answers)]


def _covers(count: int, answers: Sequence[object]) -> bool:
    return count >= _NEARLY_ALL * len(answers)


def _object(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else {} if isinstance(value, list) else None


def _json(answers: list[str]) -> list[FormatRule]:
    values = [value for value in map(_object, answers) if value is not None]
    if not _covers(len(values), answers):
        return []
    keys = Counter(key for value in values for key in value)
    common = sorted(key for key, count in keys.items() if _covers(count, answers))
    with_keys = [FormatRule(code="keys", texts=common)] if common else []
    return [FormatRule(code="json"), *with_keys]


def _ends(answers: list[str]) -> list[FormatRule]:
    """How answers start and end, where that is a sign or several letters."""
    start, left = "", answers
    while len(start) < _LONGEST_START:
        signs = Counter(text[len(start)] for text in left if len(text) > len(start))
        sign, count = signs.most_common(1)[0] if signs else ("", 0)
        if not _covers(count, answers):
            break
        start += sign
        left = [text for text in left if text.startswith(start)]
    rules = []
    if len(start) > 2 or (start and not start[0].isalnum()):
        rules.append(FormatRule(code="starts", texts=[start]))
    sign, count = Counter(text[-1:] for text in answers).most_common(1)[0]
    if sign and not sign.isalnum() and _covers(count, answers):
        rules.append(FormatRule(code="ends", texts=[sign]))
    return rules


def _one_line(answers: list[str]) -> list[FormatRule]:
    single = sum("\n" not in text for text in answers)
    return [FormatRule(code="one_line")] if _covers(single, answers) else []


def _length(answers: list[str]) -> list[FormatRule]:
    shortest, longest = np.quantile([len(text) for text in answers], [0.01, 0.99])
    if longest > _SPREAD * max(shortest, 1):
        return []
    return [FormatRule(code="length", low=int(shortest / 2), high=int(np.ceil(2 * longest)))]


def _language(text: str) -> int:
    return language_of(text, text.lower().split())


def _of_language(answers: list[str]) -> list[FormatRule]:
    known = Counter(code for code in map(_language, answers) if code != UNKNOWN)
    if not known or 2 * known.total() < len(answers):
        return []
    code, count = known.most_common(1)[0]
    named = FormatRule(code="language", texts=[LANGUAGES[code]])
    return [named] if count >= _NEARLY_ALL * known.total() else []
