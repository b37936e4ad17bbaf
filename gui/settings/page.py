"""Settings and trial: presets with their time and memory, advanced values, a measured trial."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.actions.training import ready_run
from core.chat.label_preview import LabelPreview
from core.errors import UserFacingError
from core.language import _
from core.planning.estimate import duration_text
from core.queue.entries import live_training
from core.wizard import Step
from gui.jobs.task_thread import Tasks
from gui.settings.label_preview.check import measured_size
from gui.settings.label_preview.job import LabelPreviewJob
from gui.settings.plan_edits import PlanEdits
from gui.settings.queue_addition import QueueAddition
from gui.settings.trying_page import TryingSettings
from gui.wizard.session import Session
from gui.wizard.training_plan import (
    WARM_START,
    TrainingPlan,
    make_plan,
    running_elsewhere,
    summary,
)

_LARGE_TEXT = 1.4


class SettingsPage(TryingSettings):
    """Chooses how to train; starting the run is the one commit."""

    step = Step.SETTINGS

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._for: tuple[str, str, str] = ("", "", "")
        self._edits = PlanEdits()
        self._tasks = Tasks(self)
        self._queueing = QueueAddition(self)
        self._opened = False  # nothing may be started: the project was only left here
        self._check = LabelPreviewJob(session, self.preview, self)
        self._connect()

    def _connect(self) -> None:
        self.more.base_chosen.connect(self.start_over)
        self.together.chosen.connect(self._take_cards)
        self.notices.taken.connect(self._edited)
        self._job.changed.connect(self._show)
        self.preview.limit_chosen.connect(lambda limit: self._edited("max_length", limit))
        self._check.revised.connect(self._use_revised)
        self._check.failed.connect(self.failed)
        self._check.changed.connect(self.changed)
        self._check.counted.connect(self._count)
        self.editor.edited.connect(self._edited)
        self.presets.chosen.connect(self._choose)
        self.prompt_first.failed.connect(self.failed)

    def title(self) -> str:
        """Return the headline."""
        return _("Settings and trial")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        return _("Choose how much to train. The trial measures how long it will really take.")

    def primary_text(self) -> str:
        """Name the commit with what it takes."""
        if self.plan is None:
            return _("Start training")
        settings = self.session.settings
        found = self.plan.estimate(tariff=settings.tariff)
        takes: str = summary(found, settings.currency)
        if settings.text_scale > _LARGE_TEXT:  # a button of its own length is wider than a page
            takes = duration_text(found.seconds)
        if self.plan.more_of:
            return _("Train more ({takes})", takes=takes)
        # Translators: the time and the cost: "Start training (12 min, $0.05)".
        return _("Start training ({takes})", takes=takes)

    def secondary_text(self) -> str:
        """A run may also wait in the queue."""
        can_learn = self.plan is not None and not self._check.unlearnable()
        return _("Add to the queue …") if can_learn else ""

    def is_ready(self) -> bool:
        """The plan must be known, nothing be running, and something to learn in every example."""
        checking = self._check.is_checking()
        waits = self.is_busy() or self._training or checking or bool(self._check.unlearnable())
        return self.plan is not None and not waits

    def begins_with_verb(self) -> bool:
        """The commit is not where one Return too many would press it."""
        return False

    def focus_first(self) -> bool:
        """The keyboard begins on the chosen preset."""
        if self.plan is not None and self.cards:
            self.presets.focus_chosen(self.plan.preset.key)
        return self.plan is not None

    def hint(self) -> str:
        """Say what to fix first, that an earlier run is not lost, or why none can start."""
        if self.is_busy():
            return self.waits_in_words()
        if self._check.is_checking():
            return _("The examples are being checked first.")
        if self._check.unlearnable():
            return _("Some examples cannot be learned. Leave them out, or raise the limit.")
        if self._training:
            return _("A run is in progress. Add this one to the queue.")
        if self.session.state.training_run and self.is_ready():
            return _("Starts another run. The previous one stays in the library.")
        return ""

    def enter(self) -> None:
        """Make a plan for the chosen base model and examples."""
        state, project = self.session.state, self.session.project
        self._opened = self.session.is_restored(Step.SETTINGS)
        self._training = project is not None and live_training(project) is not None
        self.to_top()
        wanted = (state.base_model, state.dataset_version, state.more_of)
        if project is None or (wanted == self._for and self.plan is not None):
            self._show()
            return
        self._for, self.plan, self._edits = wanted, None, PlanEdits()
        self._check.forget()
        self._known.hide()
        self._waiting.show()
        self._tasks.start(
            "plan", lambda: make_plan(project, state), self._planned, self.failed.emit
        )

    def _planned(self, found: tuple[TrainingPlan, UserFacingError | None]) -> None:
        self.plan, refused = found
        base, version, _more_of = self._for
        if refused is not None:
            self._for = (base, version, "")
            self.session.give(more_of="")
            self.failed.emit(refused)
        self._waiting.hide()
        self._known.show()
        self._recall_trial()
        self.prompt_first.recall()
        self._show()
        if self.window().focusWidget() is self:  # it waited there for something to choose
            self.presets.focus_chosen(self.plan.preset.key)
        self._check.begin(self.plan, version, base, run=not self._opened)

    def _count(self, preview: LabelPreview) -> None:
        """Plan with the examples' real lengths, so that the limit cuts no more than it must."""
        if self.plan is not None:
            self.plan.take_size(measured_size(preview, self.plan.plan_input.data))
            self._recall_trial()
            self._show()

    def _use_revised(self, version: str) -> None:
        self.session.give(dataset_version=version)
        self.enter()

    def _choose(self, key: str) -> None:
        if self.plan is None or key == self.plan.key:
            return
        lost = self._edits.choose(self.plan, key)
        self._keep()
        if lost:
            self.offered.emit(_("The values you changed are reset."), _("Undo"), self.undo)

    def _edited(self, name: str, value: object) -> None:
        if self.plan is None:
            return
        try:
            reset = self._edits.change(self.plan, name, value)
        except UserFacingError:
            self._show()
            self.editor.refuse(name, value)
            return
        self._keep()
        if reset:
            self.offered.emit(_("The value is reset."), _("Undo"), self.undo)

    def undo(self) -> None:
        """Take the last change of a value or of the preset back."""
        if self.plan is not None and self._edits.undo(self.plan):
            self._keep()

    def _keep(self) -> None:
        self.corrected.emit()
        plan = self.plan
        if plan is not None and plan.more_of:
            self.remember(**{WARM_START: {plan.more_of.run: plan.overrides}})
        elif plan is not None:
            self.remember(preset_chosen=True)
            self.session.give(preset=plan.key, overrides=plan.overrides)
        self._recall_trial()
        self._show()

    def _take_cards(self, cards: int) -> None:
        if self.plan is not None:
            self.plan.take_cards(cards)
            self.session.give(cards=cards)
            self._show()

    def start_over(self) -> None:
        """Plan a run that begins with the base model alone."""
        self.session.give(more_of="")
        self.enter()

    def _show(self) -> None:
        plan = self.plan
        if plan is None:
            return
        self.presets.show_plan(plan, self.session.settings)
        advice = plan.advice()
        values, usual = plan.config.model_dump(), plan.preset.config.model_dump()
        self.editor.show_values(values, usual, advice, plan.fixed)
        self.more.show_plan(plan)
        self.notices.show_advice(advice)
        self.show_fit(plan)
        self.prompt_first.ask.setEnabled(not self.is_busy() and not self._training)
        self._check.show()
        self.changed.emit()

    def receive(self, matter: object) -> None:
        """Go to one value."""
        if isinstance(matter, str):
            self.editor.reveal(matter)

    def apply(self) -> None:
        """Prepare the run and go to the training page, which starts it.

        Raises:
            UserFacingError: another run of this project is in progress.
        """
        if self.plan is None:
            return
        project, params = self.session.require_project(), self._training_params(self.plan)
        other = live_training(project)
        if other is not None:
            raise running_elsewhere(other)
        run = ready_run(project, self.plan.config, params)
        chosen = {"preset": self.plan.key, "overrides": self.plan.overrides}
        self.session.give(training_run=run.name, **({} if self.plan.more_of else chosen))
        self.session.start_next(run.name)
        self.finished.emit()

    def apply_secondary(self) -> None:
        """Ask which runs to queue, and queue them."""
        if self.plan is not None:
            plan = self.plan
            self._queueing.ask(plan, lambda: self._training_params(plan))

    def shut_down(self) -> None:
        """Let go of threads; trial and check are not worth continuing without the window."""
        self._job.cancel()
        self._check.shut_down()
        self._tasks.shut_down()
        self._queueing.shut_down()
        self.prompt_first.shut_down()
        self._job.let_go()
