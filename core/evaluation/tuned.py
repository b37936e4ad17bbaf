"""A trained run, loaded to be measured or exported."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.config.training import TrainingConfig, load_config
from core.data.dataset import DatasetVersion
from core.data.example import Example, Part
from core.errors import UserFacingError
from core.jobs.spec import TrainingFacts
from core.language import _
from core.models.contents import require_contents
from core.models.inspection import inspect_model
from core.models.loading import load_tokenizer, training_device
from core.models.whereabouts import find_base
from core.project import Project, RunFolder
from core.training.adapter import load_adapter, move_adapter
from core.training.preferences.questions import JudgedText, fresh, judged_texts
from core.training.result import best_adapter, read_trained

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Tuned:
    """A trained run, loaded: base with its best adapter, data and settings."""

    run: RunFolder
    project: Project
    config: TrainingConfig
    version: DatasetVersion
    model: PeftModel
    tokenizer: PreTrainedTokenizerBase
    device: str
    facts: TrainingFacts

    @property
    def unseen_part(self) -> Part:
        """The part for scores: ``test``, or ``validation`` where there were too few for one.

        Validation examples chose the best step, which :func:`metrics.measured_on` says.
        """
        return "test" if self.version.counts.get("test") else "validation"

    def unseen_examples(self, most: int) -> list[Example]:
        """Return the first ``most`` examples of the unseen part (their order is random already)."""
        return list(itertools.islice(self.version.examples(self.unseen_part), most))

    @cached_property
    def fresh_examples(self) -> list[Example]:
        """The examples of the unseen part about which it learned no judgement."""
        return self.unjudged(list(self.version.examples(self.unseen_part)))

    @cached_property
    def judged_texts(self) -> list[JudgedText]:
        """The questions about which it learned judgements, as far as their texts are known."""
        return judged_texts(self.project, self.run.name) if self.facts.judged_questions else []

    def unjudged(self, examples: Sequence[Example]) -> list[Example]:
        """Return those of some examples about which it learned no judgement, nor about a copy."""
        judged = self.facts.judged_questions
        if not judged:
            return list(examples)
        threshold = self.version.meta.near_threshold
        known = fresh(examples, judged, self.judged_texts, threshold)
        return [example for example, is_fresh in zip(examples, known, strict=True) if is_fresh]

    def require_fresh(self) -> None:
        """Refuse to measure where no question is left.

        Raises:
            UserFacingError: code ``evaluation.all_judged``.
        """
        if not self.fresh_examples:
            raise UserFacingError(
                "evaluation.all_judged",
                _(
                    "“{run}” learned from your ratings of every question that was set aside, so "
                    "none is left to measure it with.",
                    run=self.run.name,
                ),
                _("Add more examples, or try it in the chat."),
            )


def load_tuned(project: Project, run: RunFolder) -> Tuned:
    """Load base and best adapter of a finished run.

    Raises:
        UserFacingError: the run is unfinished or gave nothing, or base model or data are gone.
    """
    from core.training.engine.answering import load_to_answer, write_out_if_room

    facts = read_trained(run)
    base_folder = find_base(project, facts.base_model)
    require_contents(inspect_model(base_folder), facts.base_contents)
    config = load_config(run.config_file)
    version = DatasetVersion.load(project.version_folder(facts.dataset_version))
    version.verify()
    adapter = best_adapter(run)
    device = training_device()
    base = load_to_answer(base_folder, config.quantisation, device)
    model = move_adapter(load_adapter(base, adapter), device)
    write_out_if_room(model, device)
    model.eval()
    return Tuned(
        run=run,
        project=project,
        config=config,
        version=version,
        model=model,
        tokenizer=load_tokenizer(base_folder),
        device=device,
        facts=facts.model_copy(update={"base_model": str(base_folder)}),
    )
