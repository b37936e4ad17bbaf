"""The one exception that you are meant to see; anything else that is raised is a bug."""

from __future__ import annotations


class UserFacingError(Exception):
    """Something you can understand and fix.

    Args:
        code: short stable name (``"dataset.empty"``), used in tests and in ``--json`` output.
        what: one sentence that says what happened.
        todo: one sentence that says what to do next.
        details: technical text, shown only under *Details*.
    """

    def __init__(self, code: str, what: str, todo: str, details: str = "") -> None:
        super().__init__(f"{what} {todo}")
        self.code = code
        self.what = what
        self.todo = todo
        self.details = details


# What out-of-memory errors say that do not come from PyTorch's allocator for the card: those of
# CUDA and its libraries, of Triton, and of PyTorch for the computer's own memory (Linux, Windows).
_MEMORY_MARKS = (  # not shown: matched in the libraries' errors
    "CUDA error: out of memory",
    "CUDA driver error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "[CUDA]: out of memory",
    "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether ``error`` says that memory, the card's or the computer's, was not enough."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(mark in str(error) for mark in _MEMORY_MARKS)


def is_panic(error: BaseException) -> bool:
    """Return whether ``error`` is a mistake inside a library written in Rust.

    Such an exception is not a Python ``Exception``, so code that must not pass it on asks here.
    """
    return type(error).__name__ == "PanicException"
