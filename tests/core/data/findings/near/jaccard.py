"""The Jaccard similarity of two rows' shingles."""

import numpy as np


def similarity(first, second):
    """Return it, from 0 to 1."""
    if not len(first) and not len(second):
        return 0.0
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)
