"""What a download would bring, in sentences: read before it is agreed to."""

from __future__ import annotations

from core.hardware.system.machine import disk_free
from core.language import _, ngettext
from core.models.hub.listing import Listing
from core.models.hub.offer import Offer
from core.models.hub.store import models_folder
from core.models.licence import licence_name
from core.planning.environment import Environment, examine_machine
from core.planning.estimate import duration_text, estimate
from core.planning.plan_text import plan_text
from core.planning.presets import find_preset, recommended
from core.settings import load_settings
from core.wording import gigabytes, parameters

_LEFT_OUT_SHOWN = 6


def offer_lines(offer: Offer, here: Environment | None = None) -> list[str]:
    """Return what is worth knowing before a download, one fact a line.

    Args:
        here: a look at the machine, if there was one already.
    """
    listing = offer.listing
    free = disk_free(models_folder())
    lines = [
        _(
            "{model}, version {version} ({revision})",
            model=listing.repo,
            version=listing.commit[:8],
            revision=listing.revision,
        ),
        _("Licence: {name}", name=licence_name(listing.licence)),
        ngettext(
            "Download: {size} in {count:,} file",
            "Download: {size} in {count:,} files",
            len(listing.files),
            size=gigabytes(listing.size),
        ),
        *([_left_out(listing)] if listing.left_out else []),
        *_languages(offer),
        _("Size: {count} parameters", count=parameters(offer.shape.total_parameters)),
    ]
    if free is not None:
        after = gigabytes(max(0, free - listing.size))
        lines.append(
            _("Disk: {now} free now, {after} afterwards", now=gigabytes(free), after=after)
        )
    return [*lines, *_training_lines(offer, here or examine_machine(models_folder(), None))]


def _languages(offer: Offer) -> list[str]:
    return [_("Languages: {names}", names=offer.entry.languages_in_words)] if offer.entry else []


def _left_out(listing: Listing) -> str:
    shown = [f"{file.name} ({file.reason})" for file in listing.left_out[:_LEFT_OUT_SHOWN]]
    more = len(listing.left_out) - len(shown)
    files = "; ".join(shown)
    if not more:
        return _("Left out: {files}", files=files)
    return ngettext(
        "Left out: {files}; and {count:,} more",
        "Left out: {files}; and {count:,} more",
        more,
        files=files,
    )


def _training_lines(offer: Offer, here: Environment) -> list[str]:
    """Say whether it fits and how long 1,000 examples take, as a run would be planned."""
    where = here.plan_input(offer.shape, offer.model_type)
    config = find_preset(where, recommended(where)).config
    found = estimate(where, config, here.hardware, load_settings().tariff)
    fits = here.badge(offer.shape, offer.model_type).sentence
    examples = here.data.train_examples
    return [
        _(
            "Here: {fits} Training on {examples:,} short examples takes {time}.",
            fits=fits,
            examples=examples,
            time=duration_text(found.seconds),
        ),
        plan_text(where, config),
    ]
