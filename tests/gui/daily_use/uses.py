"""Records of use, as the chat and the server would have written them."""

from __future__ import annotations

from core.generation.spec import Ask, Done, Turn
from core.project import Project
from core.serving.use.record import UseRecord, draw_of

ODD = "How do I descale a coffee machine with citric acid?"


def drawn_names(count: int) -> list[str]:
    """Return names of requests that are drawn for review."""
    names = (f"request-{n}" for n in range(100_000))
    found = []
    for name in names:
        if draw_of(name) < 0.05:
            found.append(name)
            if len(found) == count:
                return found
    return found


def add_uses(project: Project, count: int = 60, drawn: int = 3) -> None:
    chosen = drawn_names(drawn)
    with UseRecord(project) as record:
        for n in range(count):
            name = chosen[n] if n < drawn else f"other-{n}"
            question = ODD if n % 20 == 19 else f"What comes after {1000 + n}?"
            ask = Ask(
                id=name,
                model="train-001" if n % 3 else "base",
                messages=(Turn(role="user", content=question),),
            )
            answer = f"`{1000 + n}`: The next is {1001 + n}."
            done = Done(
                id=name, reason="stop", tokens=20 + n % 7, prompt_tokens=9,
                first_token_seconds=0.2, seconds=0.8 + (n * 37 % 23) / 10,
            )  # fmt: skip
            record.add(ask, answer, done, characters=200)
