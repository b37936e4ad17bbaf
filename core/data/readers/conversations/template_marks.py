"""The marks that chat templates put around turns: who speaks next, and where a turn ends.

Each is taken from what its makers document; ``who`` names the speaker, ``channel`` the channel of
Harmony. Formats whose marks name a speaker freely also allow names that are no roles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"(?P<who>[^\s<>|\[\]][^<>|\n]{0,60}?)"
_WHO = (
    "system|user|human|prompter|instruction|input|question|assistant|gpt|bot|chatbot|ai|response"
    "|answer|output|tool|model|developer|observation|function|ipython|environment"
)
_LINES = "system|user|human|instruction|question|q|assistant|gpt|bot|ai|response|answer|a"


@dataclass(frozen=True, slots=True)
class Mark:
    """One way to mark speakers.

    Attributes:
        pattern: matches a mark.
        longest_before: longest text (characters) before the first mark that is a system text; -1
            for any, since the marks are unmistakable.
        is_token: the marks are a template's own tokens, so that one speaker alone is enough.
    """

    pattern: re.Pattern[str]
    longest_before: int = -1
    is_token: bool = True


def _token(pattern: str) -> Mark:
    return Mark(re.compile(pattern, re.I))


MARKS = (
    _token(rf"<\|im_start\|>[ ]*{_NAME}[ ]*\r?\n"),
    _token(rf"<\|im_(?:user|assistant|system)\|>{_NAME}<\|im_middle\|>"),
    _token(rf"<\|start_header_id\|>[ ]*{_NAME}[ ]*<\|end_header_id\|>\s*"),
    _token(rf"<\|header_start\|>[ ]*{_NAME}[ ]*<\|header_end\|>\s*"),
    _token(rf"<start_of_turn>[ ]*{_NAME}[ ]*\n"),
    _token(rf"<\|turn>[ ]*{_NAME}[ ]*\n"),
    _token(rf"<\|start_of_role\|>[ ]*{_NAME}[ ]*<\|end_of_role\|>"),
    _token(
        r"<\|start\|>(?P<who>[^<>|]{1,80}?)(?:<\|channel\|>(?P<channel>[^<>|]{1,80}))?"
        r"(?:<\|constrain\|>[^<>|]{0,40})?<\|message\|>|(?<=<\|end\|>)<\|channel\|>"
        r"(?P<more>[^<>|]{1,80})<\|message\|>"
    ),
    _token(r"<｜(?P<who>System|User|Assistant)｜>"),
    _token(r"<\|START_OF_TURN_TOKEN\|><\|(?P<who>SYSTEM|USER|CHATBOT)_TOKEN\|>"),
    _token(r"\[\|(?P<who>system|user|assistant|tool)\|\]\s?"),
    _token(r"<\|(?P<who>system|developer|user|assistant)_(?:start|begin)\|>"),
    _token(r"<(?:seed:bos|extra_id_[01])>(?P<who>system|user|assistant|tool)\n"),
    _token(r"<(?P<who>reserved_10[67]|reserved_19[56]|用户|AI)>"),
    Mark(
        re.compile(
            r"(?P<who>\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS)\]|\[TOOL_CALLS\]"
            r"|<</?SYS>>)",
            re.I,
        ),
        longest_before=400,
    ),
    _token(rf"<\|(?P<who>{_WHO})\|>[ ]*:?[ ]*\n?"),
    Mark(re.compile(rf"<(?P<who>{_WHO})>[ ]*:[ ]*\n?", re.I), longest_before=400, is_token=False),
    Mark(
        re.compile(rf"#{{2,4}}[ ]*(?P<who>{_WHO})[ ]*:(?!:)[ ]*\n?", re.I),
        longest_before=400,
        is_token=False,
    ),
    Mark(
        re.compile(rf"^(?P<who>{_LINES})[ ]*:(?!:)[ ]*", re.I | re.M),
        longest_before=0,
        is_token=False,
    ),
    Mark(
        re.compile(r"(?:^|(?<=[ >\n]))(?P<who>USER|ASSISTANT)[ ]*:(?!:)[ ]*", re.I | re.M),
        longest_before=0,
        is_token=False,
    ),
)
"""The most telling first."""

SPEAKERS = {
    "[inst]": "user", "[/inst]": "assistant", "<<sys>>": "system", "<</sys>>": "user",
    "[system_prompt]": "system", "[/system_prompt]": "", "[available_tools]": "system",
    "[/available_tools]": "", "[tool_calls]": "assistant", "[tool_results]": "tool",
    "[/tool_results]": "assistant",
    "human": "user", "prompter": "user", "instruction": "user", "question": "user", "q": "user",
    "gpt": "assistant", "bot": "assistant", "ai": "assistant", "response": "assistant",
    "answer": "assistant", "a": "assistant", "output": "assistant", "model": "assistant",
    "chatbot": "assistant", "ipython": "tool", "input": "user", "developer": "system",
    "observation": "tool", "function": "tool", "environment": "tool",
    "reserved_106": "user", "reserved_195": "user", "reserved_107": "assistant",
    "reserved_196": "assistant", "用户": "user",
}  # fmt: skip
"""The roles that marks stand for; ``""`` where a turn ends and none begins."""

ENDS = re.compile(
    r"<\|(?:im_end|im_middle|eot_id|eom_id|eot|eom|endoftext|end_of_text|begin_of_text|end"
    r"|return|call|END_OF_TURN_TOKEN|endofturn|startoftext|turn_end|(?:user|assistant|system"
    r"|developer)_end)\|>|<end_of_turn>|<turn\|>|</s>|<s>|<bos>|<eos>|<｜(?:end|begin)▁of▁sentence｜>"
    r"|\[\|endofturn\|\]|<seed:(?:eos|bos)>|<BOS_TOKEN>|<EOS_TOKEN>|<\|START_RESPONSE\|>"
    r"|<\|END_RESPONSE\|>"
)
"""Tokens that begin or end a text or a turn and name nobody."""

CLOSING = re.compile(rf"(?:\s*(?:{ENDS.pattern}))+\s*\Z")
"""Such tokens at the end of a text."""

THOUGHTS = (
    (re.compile(r"\[THINK\](.*?)\[/THINK\]", re.S), r"<think>\1</think>"),
    (re.compile(r"<\|START_THINKING\|>(.*?)<\|END_THINKING\|>", re.S), r"<think>\1</think>"),
    (re.compile(r"<seed:think>(.*?)</seed:think>", re.S), r"<think>\1</think>"),
)
"""How other templates write reasoning, and the form that is known here."""
