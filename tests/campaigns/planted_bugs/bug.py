"""What a planted bug is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """A mistake that somebody could make, as a change of one place in the source.

    Attributes:
        name: what is wrong then, in a few words; unique.
        file: the source file, from the root of the checkout.
        old: what stands there, exactly once.
        new: what the mistake makes of it.
        tests: what must notice it, as pytest takes it: the narrowest that suffices.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted_in(self, source: str) -> str:
        """Return the source with the bug.

        Raises:
            ValueError: the place is not there exactly once, or the bug would change nothing.
        """
        if source.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"“{self.name}”: its place occurs {source.count(self.old)} times")
        return source.replace(self.old, self.new)
