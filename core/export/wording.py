"""What is said about how near an export is to the fine-tune."""

from __future__ import annotations

from core.jobs.likeness import Likeness, Verdict
from core.language import N_, Sentence, _, ngettext

_VERDICTS = {
    Verdict.SAME: N_("It answers like your fine-tune."),
    Verdict.SIMILAR: N_("It answers slightly differently from your fine-tune."),
    Verdict.DIFFERENT: N_("It does not answer like your fine-tune."),
}
_ONTO = {
    "original": N_(
        "Merged into the original weights: perplexity {perplexity:.3f}, distance {distance:.4f}"
    ),
    "unpacked": N_(
        "Merged into the unpacked 4-bit weights: perplexity {perplexity:.3f}, distance "
        "{distance:.4f}"
    ),
}


def same_words_text(same: int, count: int) -> Sentence:
    """Say how many of the compared answers use the fine-tune's words."""
    return ngettext(
        "{same:,} of {count:,} answer uses the same words.",
        "{same:,} of {count:,} answers use the same words.",
        count,
        same=same,
    )


def verdict_text(likeness: Likeness) -> Sentence:
    """Say whether it answers like the fine-tune, and what was measured."""
    return _(
        "{verdict} Perplexity {perplexity:.3f}, with the adapter {wanted:.3f}.",
        verdict=_(_VERDICTS[likeness.verdict]),
        perplexity=likeness.perplexity,
        wanted=likeness.wanted_perplexity,
    )


def candidate_text(onto: str, likeness: Likeness) -> Sentence:
    """Say how near one way of merging is."""
    return _(_ONTO[onto], perplexity=likeness.perplexity, distance=likeness.divergence)


def speed_text(speed: float) -> Sentence:
    """Say how fast llama.cpp answers here."""
    return _("llama.cpp writes {speed:.0f} tokens a second on this processor.", speed=speed)
