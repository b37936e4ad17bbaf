"""The short form of the campaign of damaged exports."""

import pytest

from tests.campaigns import export_faults

pytestmark = pytest.mark.slow


def test_damage_is_noticed_and_sound_exports_are_not_refused(tmp_path):
    assert export_faults.run(tmp_path, 16, 3, seed=1) == ([], [])
