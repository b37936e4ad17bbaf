"""Campaign of chat templates: real ones of many families, and what is learned with each.

``python -m tests.campaigns.templates`` prints the conversations below as each template of the
package ``trl`` shows them, what is learned between ⟦ and ⟧, and ends with ``families N, templates
M, cases K, failures F``. ``--family NAME`` prints one family only, ``--folder DIR`` takes the
``.jinja`` files of a folder, ``--quiet`` prints failures only. A failure is a conversation that is
rejected, text that no reading holds, an answer that is not learned exactly once, or one that is
learned after something else than the prompt that the model is asked with. Templates that mark no
end of an answer are named.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.chat.notes import MISSING
from core.chat.readings import Reader, Readings
from core.chat.template import GuardedTemplate, KnownTemplate, TemplateRejectsError
from core.data.example import Message

_TOKENS = {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "pad_token": "<pad>"}
_MARK = re.compile(r"<[^\s<>'\"{}%]+>|\[/?[A-Z_]{2,}\]|\[\|[a-z_]+\|\]")
_NO_TOKENS = ("<think>", "</think>")  # ordinary text for the purpose of ends
_SHOWN = 420

CONVERSATIONS: dict[str, tuple[Message, ...]] = {
    "one turn": (
        Message("user", "Which colour has the door?"),
        Message("assistant", "The door is green."),
    ),
    "several turns": (
        Message("user", "Which colour has the door?"),
        Message("assistant", "The door is green."),
        Message("user", "And the window?"),
        Message("assistant", "White, with blue shutters."),
    ),
    "system": (
        Message("system", "You know every house of the village."),
        Message("user", "Which colour has the door?"),
        Message("assistant", "The door is green."),
        Message("user", "And the window?"),
        Message("assistant", "White, with blue shutters."),
    ),
    "tools": (
        Message("system", 'You may call {"name": "thermometer"}.'),
        Message("user", "Is the cellar warm?"),
        Message("assistant", '{"name": "thermometer", "arguments": {"room": "cellar"}}'),
        Message("tool", '{"celsius": 11, "note": "größer"}'),
        Message("assistant", "No, it has 11 degrees."),
    ),
    "thinking": (
        Message("user", "How many legs have three cats?"),
        Message("assistant", "Twelve.", reasoning="A cat has four legs; three times four."),
        Message("user", "And two birds?"),
        Message("assistant", "Four.", reasoning="Birds have two legs each."),
    ),
    "thinking inside": (
        Message("user", "How many legs have three cats?"),
        Message("assistant", "<think>\nThree times four.\n</think>\n\nTwelve."),
    ),
    "late system": (
        Message("user", "Which colour has the door?"),
        Message("assistant", "The door is green."),
        Message("system", "From now on answer in one word."),
        Message("user", "And the window?"),
        Message("assistant", "White."),
    ),
    "not learned": (
        Message("user", "Which colour has the door?"),
        Message("assistant", "The door is red.", trained=False),
        Message("user", "Look again."),
        Message("assistant", "It is green."),
    ),
    "text": (Message("assistant", "Once upon a time there was a green door."),),
}


@dataclass(frozen=True)
class Found:
    """What one template makes of one conversation."""

    template: str
    conversation: str
    readings: Readings | None
    failures: tuple[str, ...]
    ends: bool = True


def packaged() -> Path:
    """Return the folder of templates in ``trl``, which is not imported.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    spec = importlib.util.find_spec("trl")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (folder := Path(place) / "chat_templates").is_dir():
            return folder
    raise FileNotFoundError("the package trl is not installed (see the dependency group dev)")


def family(name: str) -> str:
    """Return the family of a template's file name: ``qwen3_5_think_training`` is of qwen3."""
    return re.split(r"_(?=training|\d|v\d|think|nothink|instruct|vl|moe)|(?<=\D\d)_", name)[0]


def looked_at(path: Path, *, guarded: bool = False) -> list[Found]:
    """Read every conversation with one template."""
    text = path.read_text(encoding="utf-8")
    template = GuardedTemplate(text, _TOKENS) if guarded else KnownTemplate(text, _TOKENS)
    marks = {*_MARK.findall(text), *_TOKENS.values()} - set(_NO_TOKENS)
    try:
        reader = Reader(template, sorted(marks))
        return [_look(path.stem, name, reader, turns) for name, turns in CONVERSATIONS.items()]
    finally:
        if isinstance(template, GuardedTemplate):
            template.close()


def _look(template: str, name: str, reader: Reader, turns: tuple[Message, ...]) -> Found:
    try:
        readings = reader.read(turns)
    except TemplateRejectsError as error:
        return Found(template, name, None, (f"rejected: {error}",))
    faults = tuple(_faults(reader, readings, turns))
    return Found(template, name, readings, faults, ends=bool(reader.end))


def _faults(reader: Reader, readings: Readings, turns: tuple[Message, ...]) -> Iterator[str]:
    yield from sorted(readings.notes & MISSING)
    spans = [(text.text, *span) for text in readings.texts for span in text.spans]
    for place, turn in enumerate(turns):
        if not turn.is_trained:
            continue
        prompt = reader.prompt(turns[:place])
        mine = [text[:stop] for text, start, stop in spans if text[:start] == prompt]
        if len(mine) != 1:
            yield f"answer {place} is learned {len(mine)} times after its prompt"
        said = [turn.reasoning, turn.content.rpartition("</think>")[2].strip()]
        if any(text not in learned[len(prompt) :] for learned in mine for text in said):
            yield f"answer {place} is not learned whole"
        if not all(learned.endswith(reader.end) for learned in mine):
            yield f"answer {place} has no end"


def shown(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """Return a text with its learned parts between marks; a long beginning is left out."""
    marked, end = "", 0
    for start, stop in spans:
        marked += f"{text[end:start]}⟦{text[start:stop]}⟧"
        end = stop
    marked += text[end:]
    first = max(0, min(marked.find("⟦"), len(marked)) - _SHOWN)
    return ("…" if first else "") + marked[first:]


def write_found(found: Found) -> None:
    """Write a conversation with its marks and notes."""
    notes = ", ".join(sorted(found.readings.notes)) if found.readings else ""
    lines = [f"{found.template} · {found.conversation}{f' · {notes}' if notes else ''}"]
    for text in found.readings.texts if found.readings else ():
        lines.append("    " + shown(text.text, text.spans).replace("\n", "⏎"))
    lines += [f"    FAILURE: {failure}" for failure in found.failures]
    sys.stdout.write("\n".join(lines) + "\n")


def main(arguments: list[str]) -> int:
    """Look at every template; return how many conversations failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", default="")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(arguments)
    paths = sorted((options.folder or packaged()).glob("*.jinja"))
    paths = [path for path in paths if options.family in family(path.stem)]
    found = [one for path in paths for one in looked_at(path)]
    for one in found:
        if one.failures or not options.quiet:
            write_found(one)
    failures = sum(bool(one.failures) for one in found)
    families = len({family(path.stem) for path in paths})
    if endless := sorted({one.template for one in found if not one.ends}):
        sys.stdout.write(f"no end of an answer: {', '.join(endless)}\n")
    counts = f"families {families}, templates {len(paths)}, cases {len(found)}"
    sys.stdout.write(f"{counts}, failures {failures}\n")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
