"""Asks llama.cpp, in a process of its own, what it makes of conversations: JSON in, JSON out.

In: a list of {"file": GGUF file, "chats": conversations}. Out: for each a list of [prompt, tokens].
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from core.export.gguf.runtime import Runtime


def main() -> None:
    """Answer one request."""
    wanted = json.load(sys.stdin)
    out = os.dup(1)
    os.dup2(2, 1)  # llama.cpp writes there too
    found = []
    for one in wanted:
        runtime = Runtime(Path(one["file"]), 256)
        found.append([runtime.prompt_ids(chat) for chat in one["chats"]])
    with os.fdopen(out, "w", encoding="utf-8") as stream:
        json.dump(found, stream)
    os._exit(0)  # its servers have threads of their own


if __name__ == "__main__":
    main()
