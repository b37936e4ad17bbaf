"""Passwords, keys and tokens.

The token shapes are those of detect-secrets (without its entropy and keyword detectors, which fire
on prose) and some that it misses. A password is only believed where it looks like a real one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

_NAMES = (  # not shown: words that are looked for in the data
    "passw", "passp", "passc", "pwd", "secret", "_key", "-key", "api key", "apikey", "_token",
    "-token", "authtoken", "accesstoken", "kennwort", "contraseña", "mot de passe",
)  # fmt: skip
_TOKEN_PREFIXES = ("akia", "asia", "aiza", "ghp_", "gho_", "github_pat_", "hf_", "npm_", "sk_")
_SHORTEST_TOKEN = 18
_DIGIT = re.compile(r"\d")

_DETECTORS = (
    "github_token.GitHubTokenDetector", "gitlab_token.GitLabTokenDetector",
    "discord.DiscordBotTokenDetector", "npm.NpmDetector", "square_oauth.SquareOAuthDetector",
    "sendgrid.SendGridDetector", "stripe.StripeDetector", "slack.SlackDetector",
    "pypi_token.PypiTokenDetector", "azure_storage_key.AzureStorageKeyDetector",
    "openai.OpenAIDetector", "mailchimp.MailchimpDetector",
)  # fmt: skip
_OWN = (  # not shown: patterns
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",
    r"\bhf_[A-Za-z0-9]{30,}\b",
    r"\bgithub_pat_[A-Za-z0-9_]{40,}\b",
    r"\bnpm_[A-Za-z0-9]{36}\b",
    r"\bAIza[0-9A-Za-z_\-]{35}",
    r"\bsk-(?:proj-|ant-|or-)?[A-Za-z0-9_\-]{32,}",
    r"\beyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}",
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,4000}?-----END [A-Z ]*PRIVATE"
    r" KEY(?: BLOCK)?-----)?",
)
_TOKEN_HINT = re.compile(r"[\w\-.]{18}|PRIVATE KEY|xox[abposr]-")
_ASSIGNED_NAMES = (  # not shown: a pattern
    r"(?:password|passwd|passphrase|passcode|pwd|passwort|kennwort|contraseña|mot de passe"
    r"|secret|secret[_\-]?key|api[_\- ]?key|access[_\-]?key|auth[_\-]?token|access[_\-]?token)"
)
_ASSIGNED_NAME = re.compile(_ASSIGNED_NAMES)
_ASSIGNED = re.compile(
    _ASSIGNED_NAMES + r"[\"']?(?P<sign>\s*(?:=|:=|:|\bis\b|\bwas\b|\blautet\b|\best\b|=>)\s*)"
    r"(?P<quote>[\"'`]?)(?P<value>[^\s\"'`,;<>(){}\[\]]{6,120})(?P=quote)",
    re.I,
)
_IN_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.\-]*://[^\s:/@\"'<>{}$]+:(?P<value>[^\s:/@\"'<>{}$]{6,})@"
)
_PLACEHOLDER = re.compile(
    r"p[@4a][s$]{2}|passphrase|secret|example|your|\bmy|change|placeholder|dummy|sample|test|user|admin|foo"
    r"|xxx|\*\*\*|1234|abcd|qwerty|letmein|hunter$|token|key|env|hash|input|null|none|undefined"
    r"|demo|default|invalid|wrong|correct|\.\.\.|%s|localhost",
    re.I,
)
_CODE_VALUE = re.compile(r"^[a-z_]\w*(?:\.\w+)+$|^\$|^[A-Z_]+$|://|^[a-z]+[A-Z][A-Za-z]*\d?$")
_HIDDEN = "[secret]"


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    import importlib

    patterns = [re.compile(shape) for shape in _OWN]
    for name in _DETECTORS:
        module, _, detector = name.partition(".")
        found = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), detector)
        patterns += found.denylist
    return tuple(patterns)


def may_hold_secret(text: str, lower: str, words: Sequence[str]) -> bool:
    """Return whether ``text`` is worth the full check; this one is cheap.

    Args:
        lower: the text in lower case.
        words: its words.
    """
    return (
        _may_name_secret(lower)
        or ("://" in text and "@" in text)
        or "PRIVATE KEY" in text  # not shown: looked for in the data
        or "xox" in text
        or "glpat-" in text
        or (
            max(map(len, words), default=0) >= _SHORTEST_TOKEN
            and any(_is_tokenlike(word) for word in words if len(word) >= _SHORTEST_TOKEN)
        )
    )


def _may_name_secret(lower: str) -> bool:
    """Runs over every text: the stems are tried without a loop."""
    return (
        "pass" in lower
        or "key" in lower
        or "pwd" in lower
        or "secret" in lower
        or "token" in lower
        or "kennwort" in lower
        or "contrase" in lower
    ) and any(name in lower for name in _NAMES)


def _is_tokenlike(word: str) -> bool:
    return _DIGIT.search(word) is not None or word.startswith(_TOKEN_PREFIXES)


def has_secret(text: str) -> bool:
    """Return whether ``text`` holds something that looks like a real secret."""
    return next(_spans(text), None) is not None


def _spans(text: str) -> Iterator[tuple[int, int]]:
    if _TOKEN_HINT.search(text):  # not ``words``: some tokens have signs in them
        for shape in _shapes():
            for match in shape.finditer(text):
                if not _is_made_up(match.group()):
                    yield match.span()
    lower = text.lower()
    if _may_name_secret(lower):
        for match in _assignments(text, lower):
            if _is_plausible(match["value"], match):
                yield match.span("value")
    if "://" in text:
        for match in _IN_ADDRESS.finditer(text):
            if _is_plausible(match["value"], match):
                yield match.span("value")


def _assignments(text: str, lower: str) -> Iterator[re.Match[str]]:
    """Yield what is given to a name; the names are found in lower case, which is much faster."""
    if len(lower) != len(text):
        yield from _ASSIGNED.finditer(text)
        return
    end = 0
    for name in _ASSIGNED_NAME.finditer(lower):
        if name.start() >= end and (match := _ASSIGNED.match(text, name.start())):
            end = match.end()
            yield match


def _is_made_up(token: str) -> bool:
    """A documentation's token: one letter repeated, or a word that says so."""
    body = token[-16:]
    return len(set(body)) <= 3 or bool(
        re.search(r"example|your|xxxx|1234567890abcdef", token, re.I)
    )


def _is_plausible(value: str, match: re.Match[str]) -> bool:
    """People's passwords mix letters with digits or signs; code and prose seldom do."""
    value = value.rstrip(".!?")
    if len(value) < 6 or _PLACEHOLDER.search(value) or _CODE_VALUE.search(value):
        return False
    digits = sum(c.isdigit() for c in value)
    letters = sum(c.isalpha() for c in value)
    if not digits or not letters:
        return False
    spoken = "sign" in match.groupdict() and match["sign"].strip().isalpha()
    return len(value) >= 8 or digits + letters < len(value) or spoken or ":" in match.group()


def hide_secrets(text: str) -> str:
    """Return ``text`` with every secret replaced by ``[secret]``."""
    spans = sorted(_spans(text))
    parts, last = [], 0
    for begin, end in spans:
        if begin >= last:
            parts += [text[last:begin], _HIDDEN]
        last = max(last, end)
    return "".join([*parts, text[last:]])
