"""The curves of a run as a drawing that is part of the page (SVG, no script, nothing remote)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from core.language import _, number

Points = Sequence[tuple[float, float]]
_WIDTH, _HEIGHT, _LEFT, _BELOW, _TOP = 720, 260, 48, 28, 10
_MOST = 400  # points of a line
_LINES = (("#8a94a6", ""), ("#5b4bdb", "6 4"))  # practice and unseen examples


def loss_curves(practice: Points, unseen: Points) -> str:
    """Return both losses over the steps; ``""`` where there is nothing to draw."""
    lines = [_thinned([p for p in line if math.isfinite(p[1])]) for line in (practice, unseen)]
    points = [point for line in lines for point in line]
    if len(points) < 2:
        return ""
    last = max(step for step, _loss in points) or 1
    top = sorted(loss for _step, loss in points)[int(0.98 * (len(points) - 1))] * 1.05 or 1

    def place(step: float, loss: float) -> str:
        x = _LEFT + (_WIDTH - _LEFT - 10) * step / last
        y = _TOP + (_HEIGHT - _BELOW - _TOP) * (1 - min(loss, top) / top)
        return f"{x:.1f},{y:.1f}"

    drawn = [  # not shown: SVG
        f'<polyline fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}" '
        f'points="{" ".join(place(*point) for point in line)}"/>'
        for line, (color, dash) in zip(lines, _LINES, strict=True)
        if line
    ]
    ground = _HEIGHT - _BELOW
    axes = (  # not shown: SVG
        f'<path d="M{_LEFT},{_TOP}V{ground}H{_WIDTH - 10}" fill="none" stroke="#767676"/>'
        + _text(_LEFT - 6, _TOP + 10, number(top, ".1f"), "end")
        + _text(_LEFT - 6, ground, number(0), "end")
        + _text(_WIDTH - 10, _HEIGHT - 8, number(last, ",.0f"), "end")
    )
    title = escape(_("Loss on practice examples (solid) and on unseen examples (dashed)"))
    return (  # not shown: SVG
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"{axes}{''.join(drawn)}</svg><figcaption>{title}</figcaption></figure>"
    )


def _thinned(line: Points) -> Points:
    return line[:: max(1, math.ceil(len(line) / _MOST))]


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (  # not shown: SVG
        f'<text x="{x}" y="{y}" font-size="12" fill="#595959" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )
