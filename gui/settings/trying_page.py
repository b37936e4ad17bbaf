"""What is tried before a run: a few real steps, and a prompt with examples."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.actions.training import new_run
from core.errors import UserFacingError
from core.evaluation.prompts.spec import PromptsParams, PromptsResult
from core.jobs.spec import TrainParams, TrialParams
from core.language import N_, _
from gui.settings.arranged_page import ArrangedSettings
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan, last_trial

PROMPTS = PromptsParams.kind
_WAIT = {
    False: N_("Wait for the trial to finish, or cancel it."),
    True: N_("Wait until the base model has answered, or cancel it."),
}


class TryingSettings(ArrangedSettings):
    """One of them at a time.

    Attributes:
        plan: of the run, ``None`` until the computer was looked at.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.plan: TrainingPlan | None = None
        self._training = False  # a run is in progress
        self._job.completed.connect(self._completed)
        self.trial.clicked.connect(self.run_trial)
        self.prompt_first.wanted.connect(self.try_prompts)

    def waits_in_words(self) -> str:
        """Say what is being tried."""
        return _(_WAIT[self._job_about == PROMPTS])

    def _trial_params(self) -> TrialParams:
        """Return what a trial is asked; it measures one card."""
        state = self.session.state
        return TrialParams(
            dataset_version=state.dataset_version,
            base_model=state.base_model,
            more_of=state.more_of or None,
        )

    def _training_params(self, plan: TrainingPlan) -> TrainParams:
        processes = plan.environment.processes(plan.plan_input.cards)
        return TrainParams(**dict(self._trial_params()), processes=processes)

    def _recall_trial(self) -> None:
        """Take the newest measurement, unless other settings were chosen meanwhile."""
        if (plan := self.plan) is not None:
            project = self.session.require_project()
            plan.measured = last_trial(project, self._trial_params(), plan.config)

    def run_trial(self) -> None:
        """Measure a few real steps on the longest examples."""
        if self.plan is None:
            return
        params = self._trial_params()
        try:
            run = new_run(self.session.require_project(), "trial", self.plan.config)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self._job_about = ""
        self._job.run(run, _("Trying the longest examples …"), params)

    def try_prompts(self) -> None:
        """Let the base model answer with examples in its prompt."""
        if self.is_busy() or self._training:
            return
        try:
            run = self.session.require_project().new_run(PROMPTS)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self._job_about = PROMPTS
        self._job.run(run, _("Loading the base model"), self.prompt_first.params)

    def _completed(self, result: object) -> None:
        if isinstance(result, PromptsResult):
            self.prompt_first.show_result(result)
        else:
            self._recall_trial()
