"""One saved form in words: the cells of its row, and the lines of the terminal."""

from __future__ import annotations

from core.export.saves.listing import SavedForm
from core.export.wording import same_words_text
from core.jobs.likeness import Likeness, Verdict
from core.language import N_, Sentence, _, number
from core.wording import gigabytes

COLUMNS = (
    N_("Format"),
    N_("Size"),
    N_("Tokens/s here"),
    N_("Distance"),
    N_("Answers like your fine-tune"),
    N_("Folder"),
)
_VERDICTS = {
    Verdict.SAME: N_("yes"),
    Verdict.SIMILAR: N_("slightly different"),
    Verdict.DIFFERENT: N_("no, not saved"),
}
_STATES = {
    "unchanged": N_("unchanged"),
    "changed": N_("changed since it was saved"),
    "gone": N_("no longer there"),
    "unknown": N_("not checked on this computer"),
    "refused": N_("not saved"),
}
_UNKNOWN = "–"


def cells(saved: SavedForm) -> tuple[str, ...]:
    """Return what stands in each of :data:`COLUMNS`."""
    return (
        saved.choice.title,
        size_text(saved),
        speed_figure(saved),
        distance_figure(saved),
        verdict_word(saved),
        folder_text(saved),
    )


def size_text(saved: SavedForm) -> str:
    """Return how large it is."""
    size = saved.result.size if saved.result is not None else 0
    return gigabytes(size) if size else _UNKNOWN


def speed_figure(saved: SavedForm) -> str:
    """Return the tokens that it wrote in a second."""
    speed = saved.result.speed if saved.result is not None else None
    return number(speed, ".0f" if speed >= 10 else ".1f") if speed else _UNKNOWN


def distance_figure(saved: SavedForm) -> str:
    """Return how far its perplexity is from the fine-tune's, in percent."""
    result = saved.result
    if result is None:
        return _UNKNOWN
    if result.likeness is None:
        return _("none") if not result.largest_difference else _UNKNOWN
    return _("{percent:+.1f} %", percent=100 * _change(result.likeness))


def distance_text(saved: SavedForm) -> str:
    """Say how far it is from the fine-tune, with all figures."""
    result = saved.result
    if result is None:
        return saved.reason
    if result.likeness is None:
        return _(
            "The largest difference of its logits from the fine-tune's is {difference}.",
            difference=number(result.largest_difference or 0.0, ".2g"),
        )
    found = result.likeness
    return _(
        "Perplexity {perplexity:.3f}, the fine-tune's {wanted:.3f}. Divergence {divergence:.4f} "
        "nats a token, measured on {tokens:,} tokens.",
        perplexity=found.perplexity,
        wanted=found.wanted_perplexity,
        divergence=found.divergence,
        tokens=found.tokens,
    )


def _change(found: Likeness) -> float:
    return found.perplexity / found.wanted_perplexity - 1


def verdict_word(saved: SavedForm) -> Sentence:
    """Answer whether it answers like the fine-tune."""
    return _(_VERDICTS[saved.verdict])


def state_text(saved: SavedForm) -> Sentence:
    """Say whether its folder is still what was proved."""
    return _(_STATES[saved.state])


def folder_text(saved: SavedForm) -> str:
    """Return where it lies, and whether it still does."""
    return _("{state}: {folder}", folder=str(saved.folder), state=state_text(saved))


def answers_text(saved: SavedForm) -> Sentence | None:
    """Say how many answers used the same words, ``None`` where none were compared."""
    answers = saved.result.answers if saved.result is not None else []
    if not answers:
        return None
    return same_words_text(sum(one.same for one in answers), len(answers))


def row_lines(saved: SavedForm) -> list[str]:
    """Return one saved form as lines for the terminal."""
    lines = [
        _(
            "{form}: {size}, {speed} tokens/s, distance {distance}. Answers like your fine-tune: "
            "{verdict}.",
            form=saved.choice.title,
            size=size_text(saved),
            speed=speed_figure(saved),
            distance=distance_figure(saved),
            verdict=verdict_word(saved),
        ),
        _("  Folder: {folder}", folder=folder_text(saved)),
    ]
    if saved.reason:
        lines.append(_("  Reason: {reason}", reason=saved.reason))
    elif compared := answers_text(saved):
        lines.append(compared)
    return [str(line) for line in lines]
