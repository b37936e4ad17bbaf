"""What the steps are called."""

from __future__ import annotations

from core.language import N_
from core.wizard import Step

NAMES = {
    Step.START: N_("Start"),
    Step.EXAMPLES: N_("Examples"),
    Step.BASE_MODEL: N_("Base model"),
    Step.SETTINGS: N_("Settings"),
    Step.TRAINING: N_("Training"),
    Step.COMPARISON: N_("Comparison"),
    Step.SAVING: N_("Saving"),
}
