"""Personal data: mail, phone, card, bank and social security numbers, addresses of the net.

Numbers are only believed with a valid checksum or a telling context.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator

_MAIL = re.compile(
    r"(?<![\w.+\-/@])[A-Za-z0-9][\w.+\-]{0,63}@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,15}(?![\w@])"
)
_NO_MAIL = re.compile(
    r"@(?:[\w\-]+\.)*(?:example\d*|test\d*|domain|email|mail|company|yourdomain|mydomain|localhost|site"
    r"|website|mysite|xyz|abc|foo|bar|sample|acme|provider)\.\w+$|\.(?:test|example|invalid|local"
    r"|png|jpg|py|js|css)$|^(?:noreply|no-reply|user(?:name)?|your[\w.]*|name|you|me|e?mail|someone|test"
    r"|example|abc|xyz|foo|git|recipient|sender|from|to|info|support|contact|admin|hello|john"
    r"[._]?doe|jane[._]?doe|johndoe\d*|janedoe\d*)@|^\w{1,2}@\w{1,2}\.",
    re.I,
)
_IN_ADDRESS = re.compile(r"://\S*\Z")  # before a password and a computer, not a name
_SIGNED_NAME = re.compile(r"(?P<first>[a-z]{2,})[._\-](?P<last>[a-z]{2,})\d{0,4}@", re.I)
_NO_NAME = re.compile(
    r"(?:doe|example|first(?:name)?|given|info|last(?:name)?|mail|mustermann|my|name|no|nobody"
    r"|nachname|reply|someone|support|team|test|user(?:name)?|vorname|your)\Z",
    re.I,
)
_EXAMPLE = re.compile(r"@(?:[\w\-]+\.)*example\.\w+$", re.I)
_AMID = r"(?<![\w.+\-/=])(?<!\w\()(?<!\d )(?:"
_APART = r"(?: ?[/\-\u2010-\u2013] ?|[ .])"  # what stands between the groups of a number
_PHONE = re.compile(
    _AMID + r"(?:\+|00)[1-9]\d{0,2}(?: ?\(\d{1,5}\) ?|" + _APART + r"|)\d{1,5}"
    r"(?:" + _APART + r"\d{2,8}){1,5}"
    r"|\+[1-9]\d{9,13}|\(\d{3}\) ?\d{3}[\-. ]\d{4}|[2-9]\d{2}[\-.][2-9]\d{2}[\-.]\d{4})(?![\w\-])"
)
_HOME = re.compile(
    _AMID + r"(?:\(0[1-9]\d{1,4}\) ?[/\-]? ?|0[1-9]\d{1,4}(?: ?[/\-\u2010-\u2013] ?| ))"
    r"\d{2,8}(?:[ \-]\d{2,5}){0,4}"  # an area or a mobile net, then the rest in groups
    r"|0[1-9](?:[ .\-]\d\d){4}(?![ .\-]\d)"  # pairs, as in France
    r"|01[567]\d{8,9}|0[67]\d{8,9})(?![\w\-/:]|[.,]\d| ?[%€$£])"  # a mobile's without a gap
)
"""Numbers as they are written at home: with the zero that is dialled first."""

_MENTIONED = re.compile(r"(?<![\w.])@[1-9]\d{9,14}(?!\w|\.\w)")  # as WhatsApp writes who is meant

_NUMBERED = re.compile(
    r"(?:\b(?:isbn|ean|gtin|sku|id|ref|no|nr|order|invoice|ticket|article|part|serial|case|file"
    r"|version|code|iban|blz|vat|customer|account|model|item|issue)|nummer|rechnung|bestellung"
    r"|artikel|auftrag|number|№|#)[\w.]*[\s:#.]{0,3}\Z",
    re.I,
)
_ISBN_LENGTH = 10
_OTHER_NUMBER = re.compile(r"\d{3}-\d{2}-\d{4}|\d{5}-\d{4}")  # social security; ZIP+4
_FEWEST_DIGITS_FROM_ABROAD = 11  # with 00 in front; fewer are a date of a long gone year
_HOME_DIGITS = range(9, 14)
_FEWEST_KINDS_OF_DIGITS = 4
_CALLED = re.compile(
    r"\b(?:phone|tel(?:efon|ephone)?|call|mobile|cell|fax|handy|ring|whatsapp)\b\D{0,20}"
    r"(?P<number>\+?\(?\d[\d ()/.\-]{6,18}\d)(?![\w\-])",
    re.I,
)
_FICTION = re.compile(r"\b555[\-. )]|555-?01\d\d|0000|(\d)\1{5}|987-?65")
_RUN = re.compile("12345|98765")
_DATE = re.compile(r"(?:19|20)\d\d([\-/.])\d\d?\1\d\d?\b|\d\d?([\-/.])\d\d?\2(?:19|20)\d\d\b")
_DIGITS = re.compile(r"(?<![\w.\-])\d(?:[ \-]?\d){12,18}(?![\w\-]|\.\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_SOCIAL = re.compile(r"(?<![\w\-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w\-])")
_PRINTED_SOCIAL = frozenset({"123-45-6789", "078-05-1120", "219-09-9999", "111-11-1111"})
_NET = re.compile(r"(?<![\w.\-:])(?:\d{1,3}\.){3}\d{1,3}(?![\w\-]|\.\d)")
_VERSION = re.compile(r"version|release|\bv$|\bver\b|firmware|section|chapter|§", re.I)
_PUBLIC_SERVICES = frozenset(
    {
        "8.8.8.8",
        "8.8.4.4",
        "1.1.1.1",
        "1.0.0.1",
        "9.9.9.9",
        "4.2.2.2",
        "123.45.67.89",
        "123.123.123.123",
        "1.2.3.4",
    }
)
_CARDS = re.compile(
    r"^(?:4\d{12}(?:\d{3})?(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14})$"
)
_TEST_CARDS = frozenset({"4111111111111111", "5555555555554444", "378282246310005",
                         "4242424242424242", "4012888888881881", "5105105105105100",
                         "6011111111111117", "1234567890123456"})  # fmt: skip
# These stand in the data instead of what is hidden.
_CARD = "card number"  # not shown: see above
_SOCIAL_NUMBER = "social security number"  # not shown: see above
_ADDRESS = "network address"  # not shown: see above
_ACCOUNT = "bank account"  # not shown: see above
_LONG_NUMBER = re.compile(r"\d[\d ()/.\-]{5,}\d")


def may_hold_personal_data(text: str) -> bool:
    """Return whether ``text`` is worth the full check."""
    return "@" in text or bool(_LONG_NUMBER.search(text))


def has_personal_data(text: str) -> bool:
    """Return whether ``text`` holds data that points to a person or machine."""
    return may_hold_personal_data(text) and next(_spans(text), None) is not None


def hide_personal_data(text: str) -> str:
    """Return ``text`` with each piece replaced by its kind in brackets, as in ``[email]``."""
    parts, last = [], 0
    for begin, end, name in sorted([*_spans(text), *_named_numbers(text)]):
        if begin >= last:
            parts += [text[last:begin], f"[{name}]"]
            last = end
    return "".join([*parts, text[last:]])


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    if "@" in text:
        yield from _matching(_MAIL, text, "email", lambda m: _is_mail(m, text))
    if _LONG_NUMBER.search(text):
        yield from _matching(_DIGITS, text, _CARD, _is_card)
        yield from _matching(_SOCIAL, text, _SOCIAL_NUMBER, _is_social)
        yield from _matching(_NET, text, _ADDRESS, lambda m: _is_public_address(m, text))
        yield from _matching(_PHONE, text, "phone", _is_phone)
        yield from _matching(_HOME, text, "phone", lambda m: _is_home_phone(m, text))
        yield from _matching(_MENTIONED, text, "phone", _is_phone)
        for match in _CALLED.finditer(text):
            if _is_phone(match, match["number"]):
                yield *match.span("number"), "phone"
        yield from _matching(_IBAN, text, _ACCOUNT, lambda m: is_iban(m.group()))


def _named_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield every number that is called one of a telephone, also if it looks made up.

    That alone is no reason to ask about an example; where something is hidden, it goes too.
    """
    for match in _CALLED.finditer(text):
        if not _DATE.match(match["number"]):
            yield *match.span("number"), "phone"


def _matching(
    pattern: re.Pattern[str], text: str, name: str, accept: Callable[[re.Match[str]], bool]
) -> Iterator[tuple[int, int, str]]:
    for match in pattern.finditer(text):
        if accept(match):
            yield match.start(), match.end(), name


def _is_mail(match: re.Match[str], text: str) -> bool:
    before = text[max(0, match.start() - 100) : match.start()]
    address = match.group()
    if _EXAMPLE.search(address):
        return _is_signed_with_a_name(address)
    return not _NO_MAIL.search(address) and not _IN_ADDRESS.search(before)


def _is_signed_with_a_name(address: str) -> bool:
    """Return whether a first and a last name stand before the @: somebody's, at any domain."""
    match = _SIGNED_NAME.match(address)
    return match is not None and not any(map(_NO_NAME.match, match.groups()))


def _is_phone(match: re.Match[str], number: str = "") -> bool:
    number = number or match.group()
    digits = re.sub(r"\D", "", number)
    made_up = _FICTION.search(number) or _RUN.search(digits)
    if digits.startswith("00") and (
        len(digits) < _FEWEST_DIGITS_FROM_ABROAD or len(set(digits)) < _FEWEST_KINDS_OF_DIGITS
    ):
        return False
    return 7 <= len(digits) <= 15 and not made_up and not _DATE.match(number)


def _is_home_phone(match: re.Match[str], text: str) -> bool:
    number, digits = match.group(), re.sub(r"\D", "", match.group())
    groups = re.findall(r"\d+", number)
    before = text[max(0, match.start() - 24) : match.start()]
    return (
        len(digits) in _HOME_DIGITS
        and len(set(digits)) >= _FEWEST_KINDS_OF_DIGITS
        and _is_phone(match)
        and not _OTHER_NUMBER.fullmatch(number)
        and not _NUMBERED.search(before)
        and not (len(groups) == 1 and _is_isbn(digits))
        and not all(map(_is_time_or_mode, groups))
    )


def _is_time_or_mode(group: str) -> bool:
    """Return whether four digits are a time of day (0830) or a file's mode (0644)."""
    is_time = int(group[:2]) <= 24 and int(group[2:] or 0) < 60
    return len(group) == 4 and (is_time or group.startswith("0"))


def _is_isbn(digits: str) -> bool:
    if len(digits) != _ISBN_LENGTH:
        return False
    weighed = sum(place * int(digit) for place, digit in enumerate(reversed(digits), start=1))
    return weighed % 11 == 0


def _is_social(match: re.Match[str]) -> bool:
    return match.group() not in _PRINTED_SOCIAL


def _is_card(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match.group())
    return (
        bool(_CARDS.match(digits)) and digits not in _TEST_CARDS and has_valid_check_digit(digits)
    )


def has_valid_check_digit(digits: str) -> bool:
    """Return whether the last digit fits the others (Luhn)."""
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Return whether ``text`` is a bank account number with a valid checksum (modulo 97)."""
    compact = text.replace(" ", "").upper()
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


def _is_public_address(match: re.Match[str], text: str) -> bool:
    try:
        address = ipaddress.IPv4Address(match.group())
    except ValueError:
        return False
    before = text[max(0, match.start() - 20) : match.start()]
    looks_like_version = all(part < 20 for part in address.packed[:3])
    return (
        address.is_global
        and str(address) not in _PUBLIC_SERVICES
        and not looks_like_version
        and not _VERSION.search(before)
    )
