"""What the check of the examples means for a run that is being planned. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.chat.label_preview import LabelPreview
from core.chat.notes import MISSING
from core.data.dataset import PARTS
from core.errors import UserFacingError
from core.language import N_, Sentence, _, ngettext
from core.planning.memory import Level
from core.planning.memory import gigabytes as rounded_gb
from core.planning.workload import DatasetSize
from core.project import Project, RunFolder
from gui.wizard.training_plan import TrainingPlan

_LIMIT_STEP = 64  # limits are offered in round numbers
PART_NAMES = dict(
    zip(
        PARTS,
        (N_("for training"), N_("to watch the training"), N_("for the final test")),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class LabelCheck:
    """The finished check of one dataset version with one base model."""

    run: RunFolder
    preview: LabelPreview


def find_check(project: Project, version: str, base: str) -> LabelCheck | None:
    """Return the newest finished check of exactly this version and base model."""
    for run in sorted(project.runs("learning"), key=lambda run: run.name, reverse=True):
        try:
            preview = LabelPreview.load(run)
        except UserFacingError:
            continue
        about = preview.summary
        if (about.dataset_version, about.base_model) == (version, base):
            return LabelCheck(run, preview)
    return None


@dataclass(frozen=True, slots=True)
class LongerLimit:
    """A length limit that holds every example, with the memory that it takes."""

    tokens: int
    level: Level
    text: str


def longer_limit(plan: TrainingPlan, preview: LabelPreview) -> LongerLimit | None:
    """Return the limit that would cut nothing; ``None`` where the present one does, or none can.

    A model reads at most as many tokens as its context length.
    """
    now = plan.config.max_length
    most = plan.plan_input.shape.context_length
    wanted = min(-(-preview.length_for_all() // _LIMIT_STEP) * _LIMIT_STEP, most)
    if wanted <= now:
        return None
    try:
        longer = plan.config.with_values({"max_length": wanted})
    except UserFacingError:
        return None
    before, after = plan.estimate(plan.config), plan.estimate(longer)
    fit = plan.fit(after)
    needs = _needs(rounded_gb(before.peak), rounded_gb(after.peak), fit.level)
    return LongerLimit(wanted, fit.level, needs)


def _needs(before: str, after: str, level: Level) -> Sentence:
    """Return what a longer limit takes, in GB, compared with the present one."""
    if after == before:
        return _("Needs about {size} GB, no more than now.", size=after)
    if level == "wont_fit":
        return _("Needs about {size} GB, more than is free.", size=after)
    return _("Needs about {size} GB instead of {now} GB.", size=after, now=before)


def measured_size(preview: LabelPreview, estimated: DatasetSize) -> DatasetSize:
    """Return the size of the examples in the base model's own tokens instead of by letters."""
    facts = preview.facts
    tokens = facts["tokens"][(facts["part"] == PARTS.index("train")) & (facts["first"] >= 0)]
    if not len(tokens):
        return estimated
    mean, longest = float(tokens.mean()), preview.length_for_all()
    size = replace(estimated, mean_tokens=mean, longest_tokens=longest)
    texts = preview.summary.texts  # more than examples where each answer needs one of its own
    if not texts.get("train"):
        return size
    return replace(
        size,
        train_examples=texts["train"],
        validation_examples=texts.get("validation", 0),
        mean_tokens=preview.summary.text_tokens["train"] / texts["train"],
    )


def figures(preview: LabelPreview, limit: int) -> str:
    """Return in one sentence how much is learned."""
    tokens = int(preview.facts["tokens"].sum())
    share = preview.trained_share(limit)
    return ngettext(
        "{count:,} example, {tokens:,} tokens. The model learns {share:.0%} of them: the answer. "
        "It only reads the rest.",
        "{count:,} examples, {tokens:,} tokens. The model learns {share:.0%} of them: the answers. "
        "It only reads the rest.",
        len(preview),
        tokens=tokens,
        share=share,
    )


def cut_sentence(preview: LabelPreview, limit: int) -> str:
    """Return what the limit cuts off, ``""`` if nothing."""
    count = len(preview.cut(limit))
    if not count:
        return ""
    return ngettext(
        "{count:,} example is longer than {limit:,} tokens and is cut off, so the model does not "
        "learn how its answer ends.",
        "{count:,} examples are longer than {limit:,} tokens and are cut off, so the model does "
        "not learn how their answers end.",
        count,
        limit=limit,
    )


def lost_sentence(preview: LabelPreview, limit: int) -> str:
    """Return what cannot be learned, with the first of it, ``""`` if everything can."""
    lost = preview.unlearnable(limit)
    if not len(lost):
        return ""
    first = int(lost[0])
    source, reason = preview.source(first), preview.reason(first)
    return ngettext(
        "Nothing can be learned from {count:,} example. It is {file}, line {line:,}: {reason}",
        "Nothing can be learned from {count:,} examples. The first is {file}, line {line:,}: "
        "{reason}",
        len(lost),
        file=source.file,
        line=source.line,
        reason=reason,
    )


def missing_sentence(preview: LabelPreview) -> str:
    """Return which parts of the examples the model would not see, ``""`` if it sees all."""
    return " ".join(text for note, text in preview.notes() if note in MISSING)


def done_sentences(preview: LabelPreview) -> list[str]:
    """Return what was done with examples so that this base model can show them."""
    return [text for note, text in preview.notes() if note not in MISSING]


def no_end_sentence(preview: LabelPreview) -> str:
    """Return a warning where the model would not learn to stop, else ``""``."""
    without = preview.summary.without_end
    learnable = int((preview.facts["first"] >= 0).sum())
    if not learnable or without < learnable:
        return ""
    return _(
        "This model's chat template does not mark where an answer ends. The trained model may not "
        "know when to stop."
    )
