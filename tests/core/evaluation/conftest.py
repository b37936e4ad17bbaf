"""A small training, as the tests of training have it."""

from tests.core.training.conftest import make_run

__all__ = ["make_run"]
