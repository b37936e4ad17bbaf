"""What the page Settings is made of, and where it stands.

*What the model will learn from* stands here and not on the Examples page: it depends on the
examples, the base model's chat template and the length limit, and only here all three are known. It
is the last look before the training starts, and the limit can be changed beside it.
"""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.language import _
from gui.kit.boxes import vbox
from gui.kit.cards.choice_card import ChoiceCard
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look
from gui.kit.look.sizes import READING
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import BADGE_TONES, Space
from gui.settings.advice_list import AdviceList
from gui.settings.cards_choice import CardsChoice
from gui.settings.label_preview.card import LabelPreviewCard
from gui.settings.preset_cards import PresetCards
from gui.settings.prompt_first import PromptFirst
from gui.settings.value_editor import ValueEditor
from gui.settings.warm_start_bar import WarmStartBar
from gui.wizard.job_page import JobPage
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan, measured_in_words


class ArrangedSettings(JobPage):
    """Presets in a row, what they take, what is learned from, and the values."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._waiting = label(_("Checking the base model, the examples and the memory …"), "muted")
        self.more = WarmStartBar()
        self._fit = MessageBar(dismissable=False)
        self.together = CardsChoice()
        self.notices = AdviceList()
        self.preview = LabelPreviewCard()
        self.trial = QPushButton(_("Run 2-minute trial"))
        self._trial_text = label("", "muted")
        self.editor = ValueEditor()
        self.presets = PresetCards()
        self.prompt_first = PromptFirst(session)
        self._lay_out()

    def _lay_out(self) -> None:
        trial = Flow(self.trial, self._trial_text, stretch=self._trial_text, spacing=Space.MEDIUM)
        takes = QFrame()
        set_look(takes, card="true")
        vbox(self._fit, self.together, trial, on=takes, margins=Space.CARD, spacing=Space.MEDIUM)
        self._known = QWidget()
        first = (self.more, self.notices, self.presets, takes, self.progress, self.prompt_first)
        vbox(*first, self.preview, self.editor, on=self._known, margins=0, spacing=Space.MEDIUM)
        self._known.hide()
        self._area = scrolled(self, vbox(self._waiting, self._known, 1), READING)

    def to_top(self) -> None:
        """Begin with the presets, wherever the page was left."""
        self._area.verticalScrollBar().setValue(0)

    @property
    def cards(self) -> dict[str, ChoiceCard]:
        """The cards of the presets, by key."""
        return self.presets.cards

    def show_fit(self, plan: TrainingPlan) -> None:
        """Say once what memory a plan takes, and whether a trial has measured it."""
        found = plan.estimate(tariff=self.session.settings.tariff)
        fit = plan.fit(found)
        tone = BADGE_TONES[fit.level]
        told = _("{verdict}. {reason}", verdict=fit.title, reason=fit.sentence)
        self._fit.say(tone, told, plan.in_words())
        if tone in ("good", "neutral"):
            set_look(self._fit, card="quiet")  # no colour where nothing is to be decided
        self.together.show_cards(plan.environment.training_cards, plan.plan_input.cards)
        self._trial_text.setText(measured_in_words(found))
        self.trial.setEnabled(not self.is_busy())
