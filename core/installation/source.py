"""Where wheels come from: their own addresses, a mirror of the index, or a folder.

A mirror is any *simple* index (PEP 503 or 691): a page for each package with a link for each file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from core.errors import UserFacingError
from core.installation.lock import EngineLock, RemoteFile
from core.language import _

_LINK = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """Where to fetch from.

    Attributes:
        folder: of wheels, for a computer without a network; ``None`` otherwise.
        index: address of a mirror without a slash at its end; ``""`` for the locked addresses.
    """

    folder: Path | None = None
    index: str = ""

    def hosts(self, lock: EngineLock) -> tuple[str, ...]:
        """Return who is asked, for a person to read."""
        if self.folder is not None:
            return (str(self.folder),)
        addresses = [self.index] if self.index else [wheel.url for wheel in lock.wheels]
        return tuple(dict.fromkeys(urlsplit(url).netloc.rpartition("@")[2] for url in addresses))


def parse_source(text: str) -> Source:
    """Return the source that a person names: nothing, a folder, or the address of an index.

    Raises:
        UserFacingError: it is none of these (code ``engine.source``).
    """
    text = text.strip()
    if not text:
        return Source()
    if re.match(r"https?://[^/\s]+", text):
        return Source(index=text.rstrip("/"))
    folder = Path(text).expanduser()
    if folder.is_dir():
        return Source(folder=folder.absolute())
    raise UserFacingError(
        "engine.source",
        _("“{source}” is neither a folder nor the address of a package index.", source=text[:200]),
        _("Name a folder with wheels, or an address such as https://pypi.org/simple."),
    )


def page_url(index: str, wheel: RemoteFile) -> str:
    """Return the page of an index that lists the files of a wheel's package."""
    return f"{index}/{re.sub(r'[-_.]+', '-', wheel.name).lower()}/"


def link_to(wheel: RemoteFile, page: str, address: str) -> str | None:
    """Return the link to a wheel on a page of an index, ``None`` when it has none."""
    for link in _links(page):
        target = urljoin(address, link).partition("#")[0]
        if unquote(urlsplit(target).path.rpartition("/")[2]) == wheel.file:
            return target
    return None


def _links(page: str) -> list[str]:
    if page.lstrip().startswith("{"):
        try:
            return [str(file["url"]) for file in json.loads(page)["files"]]
        except (ValueError, KeyError, TypeError):
            return []
    return [unescape(link) for link in _LINK.findall(page)]


def no_wheel(wheel: RemoteFile, where: str) -> UserFacingError:
    """Return the sentence for a source that has not what is wanted."""
    return UserFacingError(
        "engine.no_wheel",
        _("“{file}” is not in {place}.", file=wheel.file, place=where),
        _("Choose another source, or put the file there and try again."),
    )
