"""Mail boxes (mbox) and single mails: each thread becomes a chat between people.

What was quoted, signatures and attachments are left out. A mail that nobody answered is a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import IO

from core.data.readers.documents.snippets import plain
from core.data.readers.formats.records import Record

_MAIL_LIMIT = 30 << 20  # bytes of one mail, with its attachments
_MOST = 500_000  # mails held at one time
_QUOTED = re.compile(r"^\s*(?:>.*|\|.*)$", re.M)
_ABOVE_QUOTED = re.compile(
    r"^\s*(?:(?:On|Am|Le|El|Il) [^\n]{4,200}(?:\n[^\n]{0,120})?(?:wrote|schrieb[^\n:]*|a écrit\s?"
    r"|escribió|ha scritto):"
    r"|-{3,} ?(?:Original Message|Forwarded message|Ursprüngliche Nachricht)[^\n]*).*\Z",
    re.M | re.S,
)
_SIGNATURE = re.compile(r"^-- ?$.*\Z", re.M | re.S)
_ANSWER = re.compile(r"^(?:\s*(?:re|aw|sv|antw|fwd?|wg)\s*(?:\[\d+\])?:)+\s*", re.I)


@dataclass(frozen=True, slots=True)
class _Mail:
    line: int
    name: str
    answers: tuple[str, ...]
    subject: str
    speaker: str
    text: str
    seconds: float


def is_mail(sample: bytes) -> bool:
    """Return whether a file begins as a mail box or a mail does."""
    head = sample.lstrip(b"\xef\xbb\xbf\r\n")[:4000]
    names = {line.split(b":")[0].strip().lower() for line in head.splitlines()[:40] if b":" in line}
    is_box = head.startswith(b"From ") and b"@" in head.splitlines()[0]
    return len(names & {b"from", b"subject", b"date", b"message-id", b"to"}) >= (2 if is_box else 3)


def mail_rows(stream: IO[bytes]) -> Iterator[Record]:
    """Yield the messages of each thread in their order, then mails without an answer as texts."""
    threads: dict[str, list[_Mail]] = {}
    roots: dict[str, str] = {}
    for count, (line, raw) in enumerate(_split(stream)):
        if count < _MOST and (mail := _read(line, raw)) is not None:
            above = [roots[name] for name in mail.answers if name in roots]
            root = above[0] if above else (mail.answers or (mail.name,))[0]
            roots[mail.name] = root
            threads.setdefault(root, []).append(mail)
    answered = [mails for mails in threads.values() if len({m.speaker for m in mails}) > 1]
    for number, mails in enumerate(answered):
        for mail in sorted(mails, key=lambda one: one.seconds):
            value = {"speaker": mail.speaker, "said": mail.text, "day": str(number)}
            yield Record(mail.line, value)
    if not answered:
        for mails in threads.values():
            for mail in mails:
                yield Record(mail.line, {"text": f"{mail.subject}\n\n{mail.text}".strip()})


def _split(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each mail with the line that it begins in."""
    begin, parts, size, blank = 1, list[bytes](), 0, True
    for number, line in enumerate(stream, start=1):
        if line.startswith(b"From ") and blank:
            if parts:
                yield begin, b"".join(parts)
            begin, parts, size = number, [], 0
        elif (size := size + len(line)) <= _MAIL_LIMIT:
            parts.append(line)
        blank = not line.strip()
    if parts:
        yield begin, b"".join(parts)


def _read(line: int, raw: bytes) -> _Mail | None:
    try:
        mail = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
        body = mail.get_body(preferencelist=("plain", "html"))
        content = body.get_content() if body is not None else ""
        text = _said(plain(content) if body and body.get_content_subtype() == "html" else content)
        name, address = parseaddr(str(mail.get("From", "")))
        answers = f"{mail.get('References', '')} {mail.get('In-Reply-To', '')}".split()
        subject = _ANSWER.sub("", str(mail.get("Subject", ""))).strip()
        number = str(mail.get("Message-ID", "")).strip() or f"<{line}>"
        seconds = _seconds(mail)
    except Exception:  # the library's readers of damaged headers raise errors of any kind
        return None
    speaker = (name or address).strip()
    if not text or not speaker:
        return None
    return _Mail(line, number, tuple(answers), subject, speaker, text, seconds)


def _seconds(mail: EmailMessage) -> float:
    try:
        return parsedate_to_datetime(str(mail.get("Date", ""))).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return 0.0


def _said(content: object) -> str:
    """Return what was written, without what was quoted and the signature."""
    text = str(content).replace("\r\n", "\n")
    for pattern in (_ABOVE_QUOTED, _SIGNATURE, _QUOTED):
        text = pattern.sub("", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
