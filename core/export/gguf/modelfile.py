"""The Modelfile that Ollama reads: template, stop tokens, system prompt, parameters.

Ollama's templates are in Go's language. This one is worked out from what the model's own template
makes of marked conversations, and taken only if it makes the same of others. Where no such template
exists, Ollama takes the one that lies in the file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.chat.template import Chat, TemplateRejectsError, render_chat
from core.data.example import Example

_SYSTEM, _USER, _ANSWER, _AGAIN = "Sys7tem", "Ques7tion", "Ans7wer", "Aga7in"
_CONTEXT = 4096


@dataclass(frozen=True)
class Pieces:
    """What a template writes around the turns of a conversation.

    Attributes:
        begin: before a question that comes first.
        system: before a system prompt, ``None`` where it can show none.
        opened: between a system prompt and the question.
        asked: between a question and its answer.
        answered: between an answer and the next question.
    """

    begin: str
    system: str | None
    opened: str
    asked: str
    answered: str

    def render(self, chat: Chat) -> str:
        """Return what a template of these pieces makes of a conversation, as Ollama does."""
        text, first = "", True
        for turn in chat:
            content = str(turn["content"])
            if turn["role"] == "system":
                text += f"{self.system}{content}{self.opened}"
            elif turn["role"] == "user":
                text += (self.begin if first else "") + content + self.asked
            else:
                text += content + self.answered
            first = False
        return text

    @property
    def go(self) -> str:
        """The template in Go's language."""
        begin = f"{{{{ if $first }}}}{_go(self.begin)}{{{{ end }}}}" if self.begin else ""
        system = ""
        if self.system is not None:
            system = f"{_go(self.system)}{{{{ .Content }}}}{_go(self.opened)}"
        return (  # not shown: Ollama reads it
            "{{ $first := true }}{{ range .Messages }}"
            f'{{{{ if eq .Role "system" }}}}{system}'
            f'{{{{ else if eq .Role "user" }}}}{begin}{{{{ .Content }}}}{_go(self.asked)}'
            f'{{{{ else if eq .Role "assistant" }}}}{{{{ .Content }}}}{_go(self.answered)}'
            "{{ end }}{{ $first = false }}{{ end }}"
        )


def _go(text: str) -> str:
    """Return a text as Go writes it."""
    return f"{{{{ {json.dumps(text, ensure_ascii=False)} }}}}" if text else ""


@dataclass(frozen=True)
class Modelfile:
    """A whole Modelfile.

    Attributes:
        explicit: it holds a template; else Ollama takes the file's own.
    """

    text: str
    explicit: bool

    @classmethod
    def of(cls, file: str, tokenizer: Any, ends: Sequence[int], system: str = "") -> Modelfile:
        """Return the Modelfile of a GGUF file beside it."""
        pieces = pieces_of(tokenizer)
        lines = [f"FROM ./{file}"]  # not shown: Ollama reads it
        if pieces is None:
            lines.append("# The chat template in the file is used.")  # not shown: in a file
        else:
            lines.append(f'TEMPLATE """{pieces.go}"""')  # not shown: Ollama reads it
        if system and '"""' not in system:
            lines.append(f'SYSTEM """{system}"""')  # not shown: Ollama reads it
        stops = [str(tokenizer.convert_ids_to_tokens(end)) for end in ends]
        lines += [
            f"PARAMETER stop {json.dumps(stop, ensure_ascii=False)}"  # not shown: Ollama reads it
            for stop in stops
        ]
        lines += ["PARAMETER temperature 0", f"PARAMETER num_ctx {_CONTEXT}"]  # not shown: Ollama
        return cls("\n".join(lines) + "\n", pieces is not None)


def pieces_of(tokenizer: Any) -> Pieces | None:
    """Return what the tokenizer's template writes around turns; ``None`` if that is not all."""
    found = _found(tokenizer)
    if found is None:
        return None
    for chat in _others(found.system is not None):
        try:
            wanted = _rendered(tokenizer, chat)
        except TemplateRejectsError:
            return None
        if found.render(chat) != wanted:
            return None
    return found


def _found(tokenizer: Any) -> Pieces | None:
    try:
        begin, asked = _rendered(tokenizer, [_turn("user", _USER)]).split(_USER)
        long = [_turn("user", _USER), _turn("assistant", _ANSWER), _turn("user", _AGAIN)]
        before, after = _rendered(tokenizer, long).split(_ANSWER)
        answered, last = after.split(_AGAIN)
    except (ValueError, TemplateRejectsError):
        return None
    if before != begin + _USER + asked or last != asked:
        return None
    try:
        chat = [_turn("system", _SYSTEM), _turn("user", _USER)]
        system, after = _rendered(tokenizer, chat).split(_SYSTEM)
        opened, _last = after.split(_USER)
    except (ValueError, TemplateRejectsError):
        return Pieces(begin, None, "", asked, answered)
    return Pieces(begin, system, opened, asked, answered)


def _others(with_system: bool) -> list[Chat]:
    """Conversations that a template of pieces must render as the real one does."""
    chats: list[Chat] = [
        [_turn("user", "One\n\n two?")],
        [_turn("user", "a"), _turn("assistant", "b"), _turn("user", "c")],
        [_turn(role, f"{n}") for n, role in enumerate(("user", "assistant") * 2 + ("user",))],
    ]
    if with_system:
        chats += [[_turn("system", _SYSTEM), *chat] for chat in chats]
    return chats


def _turn(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def _rendered(tokenizer: Any, chat: Chat) -> str:
    """What Ollama must write: without the first token where llama.cpp puts it there itself."""
    text = render_chat(tokenizer, chat, add_generation_prompt=True)
    bos = tokenizer.bos_token
    first = tokenizer("a")["input_ids"][:1]
    return text.removeprefix(bos) if bos and first == [tokenizer.bos_token_id] else text


def common_system(examples: Sequence[Example]) -> str:
    """Return the system prompt that all examples share, ``""`` for none."""
    found = {
        example.messages[0].content if example.messages[0].role == "system" else ""
        for example in examples
    }
    return found.pop() if len(found) == 1 else ""
