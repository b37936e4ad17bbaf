"""Small pieces of HTML inside the texts that programs export."""

from __future__ import annotations

import re
from typing import Any

_TAG = re.compile(r"<[^>]{0,2000}>")


def plain(html: Any) -> str:
    """Return the text of a small piece of HTML; what is no HTML stays as it is."""
    from core.data.readers.documents.html import paragraphs_in
    from core.data.readers.documents.paragraphs import UnreadableError

    if not isinstance(html, str):
        return ""
    if not _TAG.search(html):
        return html.strip()
    try:
        return "\n\n".join(p.text for p in paragraphs_in(f"<body>{html}</body>", 1)).strip()
    except UnreadableError:
        return _TAG.sub("", html).strip()
