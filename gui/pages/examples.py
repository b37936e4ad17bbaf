"""The examples: read, show, check, repair with undo, split, accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QVBoxLayout, QWidget

from core.data.cleaning import Choices, Plan, RowAction, RowChoice, Verdict
from core.data.draft import Draft, ScanOptions, has_draft
from core.data.findings.kinds import INFO, Action, Kind
from core.data.readers import ReadOptions
from core.data.splitting import SplitOptions, expected_counts
from core.sample_project import EXAMPLES
from core.wizard import Step
from gui.icons import icon
from gui.page_job import PageJob
from gui.pages.page import Page
from gui.session import Session
from gui.task_thread import Tasks
from gui.theme import Space
from gui.widgets.column_mapping import ColumnMapping, guessed_in_words
from gui.widgets.drop_area import DropArea
from gui.widgets.examples_view import ExamplesView
from gui.widgets.finding_card import FindingCard
from gui.widgets.job_progress import JobProgress
from gui.widgets.labels import label
from gui.widgets.message_bar import MessageBar
from gui.widgets.review import Review
from gui.widgets.scroll import scrolled
from gui.wording import plural

_FEW = 100
_PLAN_AT_ONCE = 50_000  # rows; more are planned beside the window's thread


class ExamplesPage(Page):
    """Takes files in and gives a dataset version."""

    step = Step.EXAMPLES

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.draft: Draft | None = None
        self.plan: Plan | None = None
        self.choices = Choices()
        self.cards: dict[Kind, FindingCard] = {}
        self._undo: list[tuple[str, Choices]] = []
        self._accepting = False
        self._tasks = Tasks(self)
        self.drop = DropArea()
        self.drop.chosen.connect(self.read_files)
        self.progress = JobProgress()
        self._job = PageJob(self.progress, self)
        self._job.completed.connect(self._job_done)
        self._job.failed.connect(self.failed)
        self._job.changed.connect(self.changed)
        self._make_parts()
        self._lay_out()

    def _make_parts(self) -> None:
        self.guessed = label("")
        self.correct = QPushButton("Correct columns or encoding …")
        self.correct.setCheckable(True)
        self.mapping = ColumnMapping()
        self.mapping.hide()
        self.mapping.corrected.connect(self._read_again)
        self.correct.toggled.connect(self.mapping.setVisible)
        self.notes = MessageBar(dismissable=False)
        self.view = ExamplesView()
        self.view.row_decided.connect(self.decide_row)
        self.found = label("", "heading")
        self.undo = QPushButton(" Undo")
        self.undo.setIcon(icon("undo"))
        self.undo.clicked.connect(self.undo_last)
        self.held_out = QSpinBox()
        self.held_out.setRange(5, 50)
        self.held_out.setValue(15)
        self.held_out.setSuffix(" %")
        self.held_out.setAccessibleName("Share of the examples that is held back")
        self.held_out.valueChanged.connect(self._split_changed)
        self.split_text = label("", "muted")
        self.review = Review()
        self.review.judged.connect(self._judge)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(Space.SMALL)

    def _lay_out(self) -> None:
        guessed = QHBoxLayout()
        guessed.addWidget(self.guessed, 1)
        guessed.addWidget(self.correct)
        findings = QHBoxLayout()
        findings.addWidget(self.found, 1)
        findings.addWidget(self.undo)
        split = QHBoxLayout()
        split.setSpacing(Space.SMALL)
        split.addWidget(label("Held back to test what was learned:", wrap=False))
        split.addWidget(self.held_out)
        split.addWidget(self.split_text, 1)
        self._result = QWidget()
        column = QVBoxLayout(self._result)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.MEDIUM)
        column.addLayout(guessed)
        column.addWidget(self.mapping)
        column.addWidget(self.notes)
        column.addWidget(self.view)
        column.addLayout(findings)
        column.addLayout(self._cards)
        column.addWidget(self.review)
        column.addLayout(split)
        self._result.hide()
        content = QVBoxLayout()
        content.setSpacing(Space.MEDIUM)
        content.addWidget(self.drop)
        content.addWidget(self.progress)
        content.addWidget(self._result)
        content.addStretch(1)
        scrolled(self, content)

    def title(self) -> str:
        """Return the headline."""
        return "Examples"

    def subtitle(self) -> str:
        """Return what is to be done here."""
        return (
            "Show the model what a good answer looks like. Everything is checked before it learns."
        )

    def primary_text(self) -> str:
        """Name how many examples are accepted."""
        return f"Use these {self.plan.kept_count:,} examples" if self.plan else "Use these examples"

    def is_ready(self) -> bool:
        """Some example must be left and no job be running."""
        return self.plan is not None and self.plan.kept_count > 0 and not self.is_busy()

    def is_busy(self) -> bool:
        """Return whether files are being read or a version is being written."""
        return self._job.is_running()

    def hint(self) -> str:
        """Say what is missing."""
        if self.is_busy() or self.is_ready():
            return ""
        return "No example is left." if self.plan else "Choose a file of examples first."

    def enter(self) -> None:
        """Open the project's draft, or begin with the sample's file."""
        project = self.session.require_project()
        if self.draft is not None or self.is_busy():
            return
        if has_draft(project.draft):
            self._open_draft()
        elif project.info().get("sample") and EXAMPLES.is_file():
            self.read_files([EXAMPLES])

    def leave(self) -> None:
        """Keep the choices in the project."""
        if self.draft is not None:
            self.remember(
                draft=self.draft.name,
                choices=self.choices.model_dump(mode="json"),
                held_out=self.held_out.value(),
            )

    def shut_down(self) -> None:
        """Let go of the job, the tasks and the file of rows."""
        self._job.let_go()
        self._tasks.shut_down()
        self._close_draft()

    def read_files(self, paths: list[Path], options: ReadOptions | None = None) -> None:
        """Read files into a new draft; the present one stays until that is done."""
        project = self.session.require_project()
        scan = ScanOptions(read=options or ReadOptions())
        params = {
            "paths": [str(path.absolute()) for path in paths],
            "draft_dir": str(project.draft),
            "options": scan.model_dump(mode="json"),
        }
        self._accepting = False
        self._job.run(project.new_run("scan"), "Reading your examples …", "scan", params)

    def _read_again(self, options: ReadOptions) -> None:
        if self.draft is not None:
            paths = dict.fromkeys(Path(source.path) for source in self.draft.summary.sources)
            self.read_files(list(paths), options)

    def apply(self) -> None:
        """Write the dataset version."""
        project = self.session.require_project()
        self.leave()
        params = {
            "draft_dir": str(project.draft),
            "versions_dir": str(project.versions),
            "choices": self.choices.model_dump(mode="json"),
            "split": self._split_options().model_dump(mode="json"),
        }
        self._accepting = True
        self._job.run(project.new_run("prepare"), "Writing your examples …", "prepare", params)

    def _split_options(self) -> SplitOptions:
        return SplitOptions(held_out=self.held_out.value() / 100)

    def _job_done(self, result: dict[str, Any]) -> None:
        if self._accepting:
            self.session.give(dataset_version=result["content_hash"])
            self.finished.emit()
        else:
            self._open_draft()

    def _open_draft(self) -> None:
        self._close_draft()
        draft = Draft(self.session.require_project().draft)
        self.draft, self._undo = draft, []
        self.choices = self._remembered_choices(draft)
        labels = [source.label for source in draft.summary.sources]
        self.drop.show_files(labels)
        self.guessed.setText(guessed_in_words(draft.summary))
        self.mapping.show_summary(draft.summary)
        self.correct.setChecked(draft.summary.confidence < 0.6)
        self._make_cards(draft)
        self._result.show()
        self._replan()

    def _close_draft(self) -> None:
        if self.draft is not None:
            self.view.show_draft(None, None)
            self.review.show_draft(None, None, Choices())
            self.draft.close()
            self.draft, self.plan = None, None

    def _remembered_choices(self, draft: Draft) -> Choices:
        known = self.memory()
        if known.get("draft") != draft.name:
            return Choices()
        self.held_out.setValue(int(str(known.get("held_out", 15))))
        try:
            return Choices.model_validate(known.get("choices", {}))
        except ValidationError:
            return Choices()

    def _make_cards(self, draft: Draft) -> None:
        for card in self.cards.values():
            self._cards.removeWidget(card)
            card.deleteLater()
        self.cards = {
            kind: FindingCard(kind, draft) for kind in Kind if kind in draft.summary.findings
        }
        for card in self.cards.values():
            card.action_chosen.connect(self.decide)
            card.row_chosen.connect(self.decide_row)
            self._cards.addWidget(card)

    def decide(self, kind: Kind, action: Action) -> None:
        """Change what is done about a kind of finding."""
        self._choose(f"{action}: {INFO[kind].title}", self.choices.with_action(kind, action))

    def decide_row(self, row: int, action: RowAction | None) -> None:
        """Decide about one row, or take that back."""
        choice = None if action is None else RowChoice(action=action)
        self._choose(f"row {row + 1:,}", self.choices.with_row(row, choice))

    def _judge(self, row: int, verdict: Verdict, texts: tuple[str, ...]) -> None:
        self._choose(f"review of row {row + 1:,}", self.choices.with_verdict(row, verdict, texts))

    def _choose(self, what: str, choices: Choices) -> None:
        if choices != self.choices:
            self._undo.append((what, self.choices))
            self.choices = choices
            self._replan()

    def undo_last(self) -> None:
        """Go back to the choices before the last one."""
        if self._undo:
            _, self.choices = self._undo.pop()
            self._replan()

    def _replan(self) -> None:
        draft, choices = self.draft, self.choices
        if draft is None:
            return
        if len(draft) <= _PLAN_AT_ONCE:
            self._show_plan(draft, draft.plan(choices))
        else:
            self._tasks.start(
                "plan",
                lambda: draft.plan(choices),
                lambda plan: self._show_plan(draft, plan),
                self.failed.emit,
            )

    def _show_plan(self, draft: Draft, plan: Plan) -> None:
        if draft is not self.draft:
            return
        self.plan = plan
        self.view.show_draft(draft, plan, self.choices)
        self.review.show_draft(draft, plan, self.choices)
        for card in self.cards.values():
            card.show_choices(self.choices)
        self.undo.setEnabled(bool(self._undo))
        self.undo.setText(f" Undo ({self._undo[-1][0]})" if self._undo else " Undo")
        count = len(self.cards)
        self.found.setText(f"{plural(count, 'kind')} of findings" if count else "Nothing to mend")
        self._say_notes(draft, plan)
        self._split_changed()
        self.changed.emit()

    def _say_notes(self, draft: Draft, plan: Plan) -> None:
        kept, problems = plan.kept_count, draft.summary.problems
        if kept == 0:
            self.notes.say(
                "problem",
                "No example is left.",
                "Check the columns above, ignore some findings, or choose another file.",
            )
        elif problems:
            first = problems[0]
            self.notes.say(
                "warning",
                f"{plural(draft.summary.findings[Kind.MALFORMED_ROW], 'row')} could not be read"
                f" – the first is {first.file}, line {first.line:,}: {first.reason}.",
                "The rest is used; the card below shows all of them.",
            )
        elif kept < _FEW:
            self.notes.say(
                "warning",
                f"Only {plural(kept, 'example')}.",
                "Fine for changing style; too few to teach new knowledge.",
            )
        else:
            self.notes.hide()

    def _split_changed(self) -> None:
        if self.plan is None:
            return
        counts = expected_counts(self.plan.kept_count, self._split_options())
        train, validation, test = (f"{counts[part]:,}" for part in ("train", "validation", "test"))
        self.split_text.setText(
            f"about {train} to learn from, {validation} to watch the training, {test} for the final"
            " test; copies never end up on both sides."
        )
