"""What is learned from judgements, as one weight for each row of tokens.

A judgement owns two rows: the preferred answer and the other one (a pair), or an answer that was
called good or bad, and the same question with somebody else's answer (a single mark). A row's loss
is the negative log-likelihood of its answer, summed over the tokens. The gradient of every
objective here is a sum of the rows' own gradients, each times a number that is known after a pass
without gradient. So the engine, its guards and its checkpoints serve preferences as they are; TRL's
trainers, which compute the same objectives, have none of these.

The *reference* is the model that the run began with. Its sums are computed once, before the first
step, so that no second model is in memory.

Sources: pairs are learned by DPO (Rafailov et al., 2023, *Direct Preference Optimization*), with
the loss of the preferred answer beside it, or its own probability may fall (Pang et al., 2024,
*Iterative Reasoning Preference Optimization*); single marks by KTO (Ethayarajh et al., 2024, *KTO:
Model Alignment as Prospect Theoretic Optimization*), z0 from the mismatched rows of the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.chat.packing import Floats

PAIR, GOOD, BAD = 0, 1, 2
_MOST = 4.0

Kinds = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Objective:
    """How judgements become a loss.

    Attributes:
        beta: how far the model may move from where it began; less lets it move further.
        anchor: weight of the loss per token of answers that are wanted.
        good: weight of an answer that was called good.
        bad: weight of an answer that was called bad.
    """

    beta: float = 0.1
    anchor: float = 0.2
    good: float = 1.0
    bad: float = 1.0

    def balanced(self, kinds: Kinds) -> Objective:
        """Return it with good and bad marks of the same weight in all, within limits."""
        good, bad = int((kinds == GOOD).sum()), int((kinds == BAD).sum())
        if not good or not bad:
            return self
        return replace(
            self, good=min(_MOST, max(1.0, bad / good)), bad=min(_MOST, max(1.0, good / bad))
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What a batch of n judgements gives.

    Attributes:
        losses: [n], of each judgement.
        weights: [n, 2], the gradient of their sum with respect to each row's loss.
        agrees: [n], whether the model moved the way that the judgement says.
    """

    losses: Floats
    weights: Floats
    agrees: npt.NDArray[np.bool_]


def judge(
    objective: Objective, kinds: Kinds, now: Floats, reference: Floats, tokens: Floats
) -> Judged:
    """Return losses and weights of n judgements.

    Args:
        kinds: [n], what each judgement is.
        now: [n, 2], the losses of its rows, summed over their tokens.
        reference: [n, 2], the same of the model that the run began with.
        tokens: [n], trained tokens of the first row.
    """
    gain = reference - now
    pair, good, bad = (kinds == kind for kind in (PAIR, GOOD, BAD))
    single = good | bad
    usual = max(0.0, float(gain[single, 1].mean())) if single.any() else 0.0
    apart = np.where(pair, gain[:, 0] - gain[:, 1], gain[:, 0] - usual)
    signed = objective.beta * np.where(bad, -apart, apart)
    wrong = _sigmoid(-signed)
    share = np.where(good, objective.good, np.where(bad, objective.bad, 1.0))
    losses = np.where(pair, np.logaddexp(0.0, -signed), share * wrong)
    slope = objective.beta * np.where(pair, wrong, share * wrong * (1 - wrong))
    anchor = np.where(bad, 0.0, objective.anchor / np.maximum(tokens, 1))
    first = np.where(bad, -slope, slope) + anchor
    return Judged(
        losses=losses + anchor * now[:, 0],
        weights=np.stack((first, np.where(pair, -slope, 0.0)), axis=1),
        agrees=signed > 0,
    )


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0.0, -x)))
