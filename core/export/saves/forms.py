"""The forms that a fine-tune can be saved in: where each is used, how large it is, what it takes.

A form that is added here is offered everywhere: in the terminal, and on the tiles of the places
that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import UserFacingError
from core.export.gguf.quants import ADAPTER, BITS, PACKINGS, QUANTS
from core.export.merging.merge import merged_bytes
from core.jobs.spec import DEFAULT_QUANT
from core.language import N_, _

Place = Literal["ollama", "lm_studio", "python", "machine"]
"""Where a saved form is used. This application needs none: it uses the fine-tune where it is."""

_WIDE = 16.0  # bits
_ADAPTER_SHARE = 0.02  # of the model, where the adapter's own size is not known


@dataclass(frozen=True, slots=True)
class Weights:
    """What the estimates start from, in bytes.

    Attributes:
        model: the whole base model in 16 bits.
        adapter: the adapter's file.
    """

    model: int
    adapter: int

    @classmethod
    def of(cls, base: Path, adapter: Path | None = None) -> Weights | None:
        """Read the sizes of the base and of a folder with an adapter; ``None`` where that fails."""
        try:
            model = merged_bytes(base)
            files = adapter.glob("*.safetensors") if adapter is not None else ()
            size = sum(file.stat().st_size for file in files)
        except (UserFacingError, OSError):
            return None
        return cls(model, size or round(_ADAPTER_SHARE * model))


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        title: its name, a source text for ``_``.
        quants: the ways in which its weights can be packed, the first one first; empty for one way.
        places: where it is used, with the packings that are offered there.
        size: returns the bytes that it takes on the disk.
        effort: returns how many seconds one processor core works for each 10⁹ bytes of the model
            in 16 bits; generous, for a computer on which nothing was measured yet.
    """

    title: str
    quants: tuple[str, ...]
    places: Mapping[Place, tuple[str, ...]]
    size: Callable[[Weights, str], float]
    effort: Callable[[str], float]


def _adapter_size(weights: Weights, _quant: str) -> float:
    return weights.adapter


def _whole_size(weights: Weights, _quant: str) -> float:
    return weights.model


def _four_bits_size(weights: Weights, _quant: str) -> float:
    return weights.model * FOUR_BITS / _WIDE


def _packed_size(weights: Weights, quant: str) -> float:
    if quant == ADAPTER:
        return 2.0 * weights.adapter  # in 32 bits
    return weights.model * BITS[quant] / _WIDE


def _packed_effort(quant: str) -> float:
    if quant == ADAPTER:
        return _WIDE_EFFORT
    return _WIDE_EFFORT + (_PACKING if BITS[quant] < 8 else 0.0)


_ADAPTER_EFFORT = 200.0
_WIDE_EFFORT = 700.0
_PACKING = 300.0
_ROUNDING = 1_500.0
FOUR_BITS = 5.0  # a weight with its share of a scale, and what stays in 16 bits
_ONE_WAY = ("",)

FORMS: dict[str, Form] = {
    "adapter": Form(
        N_("Adapter"),
        (),
        {"python": _ONE_WAY, "machine": _ONE_WAY},
        _adapter_size,
        lambda _quant: _ADAPTER_EFFORT,
    ),
    "merged": Form(
        N_("Whole model, 16 bits"),
        (),
        {"python": _ONE_WAY, "machine": _ONE_WAY},
        _whole_size,
        lambda _quant: _WIDE_EFFORT,
    ),
    "four_bits": Form(
        N_("Whole model, 4 bits"),
        (),
        {"python": _ONE_WAY, "machine": _ONE_WAY},
        _four_bits_size,
        lambda _quant: _WIDE_EFFORT + _ROUNDING,
    ),
    "gguf": Form(
        "GGUF",  # not shown as a sentence: the name of a format
        PACKINGS,
        {"ollama": QUANTS, "lm_studio": QUANTS, "machine": PACKINGS},
        _packed_size,
        _packed_effort,
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A form, and how it is packed where there are several ways (else ``""``)."""

    form: str
    quant: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        name = FORMS[self.form].title if self.form in FORMS else self.form
        shown = _(name) if self.form in FORMS else name
        return f"{shown} {self.quant}" if self.quant else shown


def choices(place: Place) -> list[Choice]:
    """Return what is offered for a place; the usual one first."""
    found = [
        Choice(name, quant) for name, form in FORMS.items() for quant in form.places.get(place, ())
    ]
    return sorted(found, key=lambda one: one.quant != DEFAULT_QUANT and bool(one.quant))


def check_form(form: str, quant: str = DEFAULT_QUANT) -> None:
    """Raise a UserFacingError (``export.unknown_form``) for a form that cannot be written."""
    quants = FORMS[form].quants if form in FORMS else ()
    for asked, known in ((form, tuple(FORMS)), (quant, quants or (quant,))):
        if asked not in known:
            raise UserFacingError(
                "export.unknown_form",
                _("This version cannot export “{form}”.", form=asked),
                _("Choose one of: {forms}.", forms=", ".join(known)),
            )
