"""A card that failed under the work: which kind of failure it is, and what to do next.

After most CUDA errors the process cannot use the card any more, whatever it tries; after some the
whole driver cannot. NVIDIA's kernel driver names the cause by number ("Xid", see NVIDIA's document
*XID Errors*); the kernel's log may not be readable, then the error's own words decide.
"""

from __future__ import annotations

import re
import time

from core.errors import UserFacingError
from core.language import _

_XID = re.compile(r"\[\s*(\d+)\.\d+\] NVRM: Xid \([^)]*\): (\d+)")
_RECENT_SECONDS = 600.0
_CARD_ERRORS = frozenset({"AcceleratorError", "CudaError"})
_CUDA_WORDS = (  # not shown: matched in errors
    "CUDA error",
    "cuBLAS error",
    "CUBLAS_STATUS",
    "cudnn error",
    "CUDA driver error",
)
_LOST_WORDS = (  # not shown: matched in errors
    "unknown error",
    "no CUDA-capable device",
    "device is lost",
    "system not yet initialized",
    "driver shutting down",
    "initialization error",
    "unspecified launch failure",
)
_MEMORY_WORDS = ("uncorrectable ECC",)  # not shown: matched in errors
_LOST_XIDS = frozenset({61, 62, 74, 79, 119, 120, 154})
_MEMORY_XIDS = frozenset({48, 63, 64, 94, 95})


def recent_xid(kernel_log: str, now: float | None = None) -> int | None:
    """Return the newest Xid of the last ten minutes, ``None`` without one.

    Args:
        kernel_log: lines as ``dmesg`` prints them, with seconds since the start of the computer.
        now: the same clock; default: now.
    """
    now = time.monotonic() if now is None else now
    found = [(int(at), int(xid)) for at, xid in _XID.findall(kernel_log)]
    recent = [xid for at, xid in found if now - at < _RECENT_SECONDS]
    return recent[-1] if recent else None


def is_card_error(error: BaseException) -> bool:
    """Return whether the card, not the program, failed; out of memory is not meant."""
    named = {kind.__name__ for kind in type(error).__mro__} & _CARD_ERRORS
    is_cuda = isinstance(error, RuntimeError) and any(w in str(error) for w in _CUDA_WORDS)
    return bool(named) or is_cuda


def explain_card_error(error: BaseException, kernel_log: str = "") -> UserFacingError:
    """Return the sentence and the next step for an error of the card."""
    xid = recent_xid(kernel_log)
    details = f"{error}" if xid is None else f"{error}\nXid {xid}"  # not shown: details
    text = str(error)
    if xid in _MEMORY_XIDS or any(word in text for word in _MEMORY_WORDS):
        return UserFacingError(
            "card.memory_fault",
            _("The graphics card's memory returned wrong data, so the run was stopped at once."),
            _("Restart the computer, then press Resume. If it happens again, the card is failing."),
            details,
        )
    if xid in _LOST_XIDS or any(word in text for word in _LOST_WORDS):
        return UserFacingError(
            "card.lost",
            _("The graphics card stopped responding to its driver. The last checkpoint is kept."),
            _("Restart the computer, then press Resume."),
            details,
        )
    return UserFacingError(
        "card.error",
        _("The graphics card reported an error that ended this session. The checkpoint is kept."),
        _("Press Resume. If it happens again, restart the computer and then press Resume."),
        details,
    )
