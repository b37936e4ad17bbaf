"""Blind rating in words, the same in the window and in the terminal."""

from __future__ import annotations

from core.evaluation.rating.rating_session import BlindQuestion, Totals
from core.evaluation.rating.revealed import Author, Outcome, Revealed
from core.language import N_, Sentence, _, ngettext

_WON: dict[Outcome, str] = {
    "tuned": N_("Won"),
    "base": N_("Lost"),
    "tie": N_("Tie"),
    "both_bad": N_("Both are bad"),
    "": N_("Not rated"),
}


def outcome_text(outcome: Outcome) -> Sentence:
    """Return how the fine-tune fared, in a word or two."""
    return _(_WON[outcome])


def authors(opponent: str, run: str) -> dict[Author, str]:
    """Return what both authors are called; ``opponent`` is ``""`` for the base model."""
    if opponent:
        return {"tuned": run, "base": opponent}
    return {"tuned": _("Your fine-tune"), "base": _("Base model")}


def cut_text(one: Revealed, author: Author) -> Sentence | str:
    """Return what is said below an answer that is longer than it is shown."""
    if author in one.cut:
        return _("Cut: the answer is longer than shown here.")
    if one.either_cut:
        return _("At least one of the two answers is longer than shown here.")
    return ""


def place_text(question: BlindQuestion, count: int) -> Sentence:
    """Return which question it is, of how many and of what kind."""
    place = question.position + 1
    if question.kind == "general":
        return _("Question {place:,} of {count:,} · everyday question", place=place, count=count)
    if question.kind == "own":
        return _("Question {place:,} of {count:,} · your own question", place=place, count=count)
    return _("Question {place:,} of {count:,} · example not trained on", place=place, count=count)


def rated_text(totals: Totals) -> Sentence:
    """Return how many questions were rated, and whether that settles the matter."""
    rated = ngettext(
        "You rated {rated:,} of {count:,} question.",
        "You rated {rated:,} of {count:,} questions.",
        totals.questions,
        rated=totals.rated,
    )
    if totals.verdict.settled and totals.rated < totals.questions:
        return _("{rated} That is enough to tell.", rated=rated)
    return rated
