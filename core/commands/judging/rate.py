"""The terminal command for blind rating."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from core.actions.rating import open_rating
from core.actions.state import owned
from core.commands.options import add_command, add_project, show, show_document
from core.commands.terminal import printable, say
from core.contract import plain
from core.evaluation.rating.agreement import agreements
from core.evaluation.rating.rating_session import BlindQuestion, Choice, RatingSession
from core.evaluation.rating.ratings import Ratings
from core.evaluation.rating.wording import authors, cut_text, outcome_text, place_text, rated_text
from core.language import _
from core.project import Project

_BASE = "base"  # not shown in another language: a word of the command
_CHOICES: dict[str, Choice] = {"a": "a", "b": "b", "t": "tie", "n": "both_bad"}


def add_commands(commands: Any) -> None:
    """Add ``rate``."""
    rate = add_command(commands, "rate", _rate, _("rate the answers blind"))
    add_project(rate)
    rate.add_argument("--run", default="", metavar="NAME")
    rate.add_argument(
        "--against",
        metavar="NAME",
        help=_("another run, or “base”; default: what it began with if it learned from ratings"),
    )
    rate.add_argument("--rater", default="", metavar="NAME", help=_("who judges"))
    rate.add_argument(
        "--result", action="store_true", help=_("show the result of what was rated so far")
    )
    rate.add_argument(
        "--answers", action="store_true", help=_("with the result: all answers and their authors")
    )


def _rate(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project), Ratings(project.ratings_file) as ratings:
        against = "" if options.against == _BASE else options.against
        session = open_rating(project, ratings, options.run, against, options.rater)
        if not options.result:
            say(_about(session))
        if not options.result and not _ask_all(session):
            say(_("Everything is kept. The same command continues here."))
            return
        session.finish()
        show(options, result_lines(ratings, session, answers=options.answers))
        show_document(options, _document(ratings, session, answers=options.answers))


def _about(session: RatingSession) -> str:
    if session.opponent:
        return _("Is “{run}” better than “{other}”?", run=session.run, other=session.opponent)
    return _("Is “{run}” really better than the base model?", run=session.run)


def _ask_all(session: RatingSession) -> bool:
    """Ask until all is rated or the result is wanted; return whether it is."""
    keys = _(
        "a: A is better, b: B is better, t: tie, n: both are bad, e: expected answer, u: undo, "
        "r: see the result, Enter: leave"
    )
    say(keys)
    question = session.next_question()
    while question is not None:
        _print_question(question, session.count)
        key = _key()
        if key == "e":
            _print(question.reference or _("None."))
            key = _key()
        if key in _CHOICES:
            session.rate(question, _CHOICES[key])
            if session.has_just_settled():
                return True
        elif key == "u":
            session.undo()
        elif key == "r" and session.rated:
            return True
        elif not key:
            return False
        question = session.next_question()
    return True


def _key() -> str:
    sys.stderr.write("> ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower()[:1]


def _print_question(question: BlindQuestion, count: int) -> None:
    _print(f"\n{place_text(question, count)}\n{question.question}")  # not shown: put together
    for side, answer in (("A", question.answer_a), ("B", question.answer_b)):
        _print(f"\n{_('Answer {side}', side=side)}:\n{answer or _('(empty answer)')}")
    _print("")


def _print(text: str) -> None:
    sys.stderr.write(printable(text) + "\n")


def result_lines(ratings: Ratings, session: RatingSession, *, answers: bool = False) -> list[str]:
    """Return the verdict, how far raters agree, and on request who wrote what."""
    totals = session.totals()
    lines = [str(totals.verdict.sentence), str(rated_text(totals))]
    lines += [str(one.sentence) for one in agreements(ratings, session)]
    if not answers:
        return lines
    names = authors(session.opponent, session.run)
    for one in session.revealed():
        lines += ["", f"{outcome_text(one.outcome)}: {one.question}"]
        for author, text in (("tuned", one.mine), ("base", one.other)):
            lines.append(f"  {names[author]}: {text} {cut_text(one, author)}".rstrip())  # type: ignore[index,arg-type]
    return lines


def _document(ratings: Ratings, session: RatingSession, *, answers: bool) -> dict[str, object]:
    totals = session.totals()
    verdict = totals.verdict
    found: dict[str, object] = {
        "run": session.run,
        "opponent": session.opponent,
        "rater": session.rater,
        "rated": totals.rated,
        "questions": totals.questions,
        "sentence": plain(verdict.sentence),
        "won": verdict.tuned_wins,
        "lost": verdict.base_wins,
        "ties": verdict.ties,
        "both_bad": verdict.both_bad,
        "low": verdict.low,
        "high": verdict.high,
        "agreement": [
            {"rater": one.other, "cases": one.cases, "kappa": one.kappa, "low": one.low,
             "high": one.high}
            for one in agreements(ratings, session)
        ],
    }  # fmt: skip
    if answers:
        found["answers"] = [
            {"question": one.question, "outcome": one.outcome, "answer": one.mine,
             "other": one.other, "cut": sorted(one.cut)}
            for one in session.revealed()
        ]  # fmt: skip
    return found
