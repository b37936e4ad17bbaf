"""Arrays that a job left in a project, mapped and not loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.storage.ordinary import open_to_read


def mapped(path: Path, dtype: DTypeLike, shape: tuple[int | None, ...] = (None,)) -> NDArray[Any]:
    """Map an array that has this type and shape; ``None`` stands for any length.

    Raises:
        ValueError: it is no array, or another one.
        OSError: it is missing or no ordinary file.
    """
    open_to_read(path).close()
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, there) for wanted, there in zip(shape, array.shape, strict=True)
    )
    if array.dtype != np.dtype(dtype) or not fits:
        raise ValueError(f"{path.name} holds {array.dtype} {array.shape}")
    return array
