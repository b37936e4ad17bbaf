"""The jobs that load an export in a process of its own and compare it with the fine-tune."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from core.contract import JobParams, JobResult, Result
from core.jobs.likeness import Likeness
from core.storage.names import FolderText


class LikenessResult(JobResult):
    """What an export computes in a process of its own.

    Attributes:
        likeness: on unseen answers, against the fine-tune.
        answer: what it answered to the first probe.
        ended: the answer ended before the limit.
        speed: tokens a second of that answer.
        answers: what it answered to every probe that was to be answered, the first one included,
            and whether it ended before its limit.
        text: what its tokenizer, template or weights do or hold otherwise, ``""`` for nothing.
    """

    kind: ClassVar[str] = "merged_proof"

    likeness: Likeness
    answer: str = ""
    ended: bool = False
    speed: float = 0.0
    answers: list[tuple[str, bool]] = Field(default_factory=list)
    text: str = ""


class Questions(JobParams[Result]):
    """What an export is asked in its proof.

    Attributes:
        chats: conversations, as the chat template takes them.
        prompts: what it makes of them.
        ids: their token numbers.
        ends: the tokens that end an answer.
        limits: how many tokens the answer to each of the first conversations may have.
    """

    chats: list[list[dict[str, JsonValue]]]
    prompts: list[str]
    ids: list[list[int]]
    ends: list[int]
    limits: list[int] = Field(default_factory=list)


class MergedProofParams(Questions[LikenessResult]):
    """Load a merged model and compare it with what the fine-tune computed.

    Attributes:
        onto: what the adapter was added to.
    """

    kind: ClassVar[str] = "merged_proof"

    export: FolderText
    base_model: FolderText
    adapter: FolderText
    onto: Literal["original", "unpacked"]
