"""Where judgements come from: blind rating, the record of use, conversations.

A correction is preferred to the answer that it corrects. Of an answer that was cut nobody knows how
it would have ended, so it is never one that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from core.conversations import store
from core.conversations.conversation import Answer, Conversation, Exchange, turns_for
from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.evaluation.rating.ratings import Ratings
from core.evaluation.rating.revealed import Revealed
from core.jobs.spec import TrainParams, asked_of
from core.project import Project
from core.serving.use.comparison import open_database
from core.serving.use.picks import used_answers
from core.serving.use.record import Use, UseRecord
from core.storage.ordinary import is_ordinary_file
from core.training.preferences.judgement import Judgement, Reply, Turn

Place = Literal["rating", "use", "chat"]
Reason = Literal["tie", "cut", "unknown"]
"""Why nothing can be learned from something that was judged: the answers are as good as each other,
one that is wanted was cut, or the conversation was not kept."""
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was judged: what can be learned from it, or why nothing can."""

    place: Place
    judgement: Judgement | None
    reason: Reason | None = None


def all_found(project: Project) -> Iterator[Found]:
    """Yield what was judged in a project, the newest ratings first.

    Raises:
        UserFacingError: a file of the project is damaged.
    """
    used: dict[str, bool] = {}
    if is_ordinary_file(project.use_file):
        with closing(open_database(project)) as database:
            used = used_answers(database)
    yield from rated(project)
    yield from talked(project, used)
    if is_ordinary_file(project.use_file):
        yield from recorded(project, used)


def rated(project: Project) -> Iterator[Found]:
    """Yield what was rated blind."""
    if not is_ordinary_file(project.ratings_file):
        return
    known = _Questions(project)
    with Ratings(project.ratings_file) as ratings:
        for session in ratings.sessions():
            for one in session.revealed():
                if one.outcome:
                    yield from _of_rating(one, known.turns(session.run, one))


class _Questions:
    """The conversations that were rated: the ratings keep only their text."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, dict[str, tuple[Turn, ...]]] = {}

    def turns(self, run: str, one: Revealed) -> tuple[Turn, ...] | None:
        """Return the turns before the answers; ``None`` where they are not known any more."""
        if one.kind != "held_out":
            return (Turn(role="user", content=one.question),)
        if run not in self._known:
            self._known[run] = self._read(run)
        return self._known[run].get(one.question)

    def _read(self, run: str) -> dict[str, tuple[Turn, ...]]:
        try:
            asked = asked_of(self._project.run(run))
            if not isinstance(asked, TrainParams):
                return {}
            version = DatasetVersion.load(self._project.version_folder(asked.dataset_version))
            return {
                example.question: tuple(
                    Turn(role=m.role, content=m.content)
                    for m in example.messages[:-1]
                    if m.role != "tool"
                )
                for part in ("validation", "test")
                for example in version.examples(part)
                if all(m.role != "tool" for m in example.messages)
            }
        except UserFacingError:
            return {}


def _of_rating(one: Revealed, turns: tuple[Turn, ...] | None) -> Iterator[Found]:
    if turns is None:
        yield Found("rating", None, "unknown")
    elif one.outcome == "both_bad":
        for text in (one.mine, one.other):
            yield _mark("rating", turns, Reply(text=text), good=False)
    elif one.outcome == "tie":
        yield Found("rating", None, "tie")
    elif one.either_cut or one.outcome in one.cut:
        yield Found("rating", None, "cut")
    else:
        texts = (one.mine, one.other) if one.outcome == "tuned" else (one.other, one.mine)
        yield _pair("rating", turns, *(Reply(text=text) for text in texts))


def recorded(project: Project, used: dict[str, bool]) -> Iterator[Found]:
    """Yield what was said of answers in daily use.

    Args:
        used: by request whether an answer of a comparison was used.
    """
    with UseRecord(project) as record:
        for use in record.marked(_MOST):
            yield _of_use(use)
        for request, was_used in used.items():
            found = record.find(request)
            if found is None or found.mark is not None or found.source != "server":
                continue
            yield _of_use(found.model_copy(update={"mark": "right" if was_used else "wrong"}))


def _of_use(use: Use) -> Found:
    if not use.whole or use.turns != 1:
        return Found("use", None, "unknown")
    turns = [Turn(role="system", content=use.system)] if use.system else []
    turns.append(Turn(role="user", content=use.prompt))
    answer = Reply(text=use.answer)
    if use.mark == "edited":
        return _pair("use", tuple(turns), Reply(text=use.edited), answer)
    if use.mark == "right" and not use.answer_whole:
        return Found("use", None, "cut")
    return _mark("use", tuple(turns), answer, good=use.mark == "right")


def talked(project: Project, used: dict[str, bool]) -> Iterator[Found]:
    """Yield what was said of answers in the chat."""
    for listed in store.list_conversations(project.chats):
        try:
            conversation = store.load(project.chats, listed.name)
        except UserFacingError:
            continue
        for place, exchange in enumerate(conversation.exchanges):
            yield from _of_exchange(conversation, place, exchange, used)


def _of_exchange(
    conversation: Conversation, place: int, exchange: Exchange, used: dict[str, bool]
) -> Iterator[Found]:
    before = conversation.exchanges[:place]
    paired: list[Answer] = []
    if len(exchange.answers) > 1:
        better = [answer for answer in exchange.answers if _liked(answer, exchange, used)]
        worse = [answer for answer in exchange.answers if answer not in better]
        if len(better) == len(worse) == 1:
            turns = _turns(better[0].model, conversation.system, before, exchange)
            yield _chosen(turns, better[0], worse[0])
            paired = [*better, *worse]
    for answer in exchange.answers:
        turns = _turns(answer.model, conversation.system, before, exchange)
        if answer.corrected:
            wanted = Reply(text=answer.corrected, reasoning=answer.thinking)
            yield _pair("chat", turns, wanted, _reply(answer))
        elif answer.thumb and answer not in paired:
            if answer.thumb == "up" and answer.reason != "stop":
                yield Found("chat", None, "cut")
            else:
                yield _mark("chat", turns, _reply(answer), good=answer.thumb == "up")


def _liked(answer: Answer, exchange: Exchange, used: dict[str, bool]) -> bool:
    """Whether an answer was picked before the other, or alone has a thumb up."""
    if any(used.get(one.request) for one in exchange.answers):
        return used.get(answer.request, False)
    others = [one.thumb for one in exchange.answers if one is not answer]
    return answer.thumb == "up" and "down" in others


def _chosen(turns: tuple[Turn, ...], better: Answer, worse: Answer) -> Found:
    if better.reason != "stop":
        return Found("chat", None, "cut")
    return _pair("chat", turns, _reply(better), _reply(worse))


def _turns(
    model: str, system: str, before: tuple[Exchange, ...], exchange: Exchange
) -> tuple[Turn, ...]:
    sent = turns_for(model, system, before, exchange.question)
    return tuple(Turn(role=turn.role, content=turn.content) for turn in sent)


def _reply(answer: Answer) -> Reply:
    return Reply(text=answer.text, reasoning=answer.thinking)


def _mark(place: Place, turns: tuple[Turn, ...], reply: Reply, *, good: bool) -> Found:
    if not reply.text.strip():
        return Found(place, None, "cut")
    return Found(place, Judgement(turns=turns, kind="good" if good else "bad", answer=reply))


def _pair(place: Place, turns: tuple[Turn, ...], better: Reply, worse: Reply) -> Found:
    if better.text.strip() == worse.text.strip():
        return Found(place, None, "tie")
    if not better.text.strip() or not worse.text.strip():
        return Found(place, None, "cut")
    return Found(place, Judgement(turns=turns, kind="pair", answer=better, other=worse))
