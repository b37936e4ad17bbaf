"""A model that answers as it is told, in the place of the child process."""

from __future__ import annotations

from core.errors import UserFacingError
from core.generation.spec import Ask, Done, Hearer, Piece, Refused
from core.serving.client import Told
from core.serving.messages import LoadFailed, Loading, Ready
from gui.chat.holder import Wanted

ANSWER = "The area is **width × height**.\n\n```python\nprint(area(3, 4))\n```\n\nIt prints 12."


class FakeModel:
    """Everything happens when a test says so.

    Attributes:
        asked: what it was asked, newest last.
    """

    def __init__(self, wanted: Wanted, told: Told, error: UserFacingError | None = None) -> None:
        self.wanted, self.told, self.error = wanted, told, error
        self.asked: list[Ask] = []
        self.cancelled: list[str] = []
        self.closed = False
        self._hear: dict[str, Hearer] = {}

    def start(self) -> None:
        if self.error is not None:
            raise self.error
        self.told(Loading(phase="libraries"))
        self.told(Loading(phase="weights"))

    def become_ready(self, memory: int = 430_000_000) -> None:
        self.told(Ready(models=("base", *self.wanted.runs), context=2048, slots=4, memory=memory))

    def fail(self, what: str = "It is gone.", todo: str = "Try again.") -> None:
        self.told(LoadFailed(code="serving.gone", what=what, todo=todo, details="a trace"))

    def ask(self, ask: Ask, hear: Hearer) -> None:
        self.asked.append(ask)
        self._hear[ask.id] = hear

    def cancel(self, id: str) -> None:
        self.cancelled.append(id)
        if id in self._hear:
            self._hear.pop(id)(Done(id=id, reason="cancelled", tokens=3, seconds=0.2))

    def close(self) -> None:
        self.closed = True

    def write(self, text: str, ask: Ask | None = None, *, thinking: bool = False) -> None:
        ask = ask or self.asked[-1]
        self._hear[ask.id](Piece(id=ask.id, text=text, thinking=thinking))

    def finish(self, ask: Ask | None = None, tokens: int = 120, seconds: float = 2.4) -> None:
        ask = ask or self.asked[-1]
        self._hear.pop(ask.id)(
            Done(id=ask.id, reason="stop", prompt_tokens=20, tokens=tokens,
                 first_token_seconds=0.1, seconds=seconds)
        )  # fmt: skip

    def refuse(self, ask: Ask | None = None) -> None:
        ask = ask or self.asked[-1]
        self._hear.pop(ask.id)(
            Refused(
                id=ask.id,
                code="generation.prompt_too_long",
                what="The conversation is longer than the model can read.",
                todo="Start a new one.",
            )
        )

    def answer_all(self, text: str = ANSWER) -> None:
        for ask in list(self.asked):
            if ask.id in self._hear:
                self.write(text, ask)
                self.finish(ask)


class Openers:
    """Stands in for ``open_process`` and remembers what it opened."""

    def __init__(self) -> None:
        self.opened: list[FakeModel] = []
        self.error: UserFacingError | None = None

    def __call__(self, wanted: Wanted, told: Told) -> FakeModel:
        self.opened.append(FakeModel(wanted, told, self.error))
        return self.opened[-1]

    @property
    def last(self) -> FakeModel:
        return self.opened[-1]
