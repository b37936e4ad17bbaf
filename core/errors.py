"""The one exception that is meant for the person; anything else that is raised is a bug."""

from __future__ import annotations


class UserFacingError(Exception):
    """Something the person can understand and mend.

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


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether ``error`` says that memory, the card's or the computer's, was not enough."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
