"""The jobs ``preview`` and ``leave_out``: look at every example as the training will read it.

Every example is rendered
and tokenised as a run does it, but not cut: the length limit is yours to change, so
that everything that depends on it follows from what is stored, at once and without a tokenizer.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from core.chat.label_preview import FACTS, FAULTS, LabelledText, LabelPreview, LabelPreviewSummary
from core.chat.notes import about, sentences
from core.chat.packing import IGNORED
from core.chat.readings import end_marks
from core.chat.template import is_known, template_text
from core.chat.tokens import Encoded, EncodedExample, Fault, encode
from core.data.dataset import PARTS, DatasetVersion
from core.data.draft import Problem
from core.data.example import Example, Part
from core.data.spec import LeaveOutParams, LeaveOutResult
from core.jobs.link import JobLink
from core.jobs.spec import LabelPreviewParams, LabelPreviewResult
from core.language import N_, Sentence, _
from core.models.whereabouts import find_base
from core.project import Project, RunFolder
from core.storage.files import write_bytes, write_json

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PHASE = N_("Looking at what the model will learn")
_RANDOM, _LONGEST, _FAULTY = 100, 20, 80
_REASONS_KEPT = 1000
_PROGRESS_ROWS = 200
_MOST_TEXTS = 8  # that are kept of one example


def run_label_preview(
    folder: RunFolder, params: LabelPreviewParams, link: JobLink
) -> LabelPreviewResult:
    """Render and tokenise every example of a version; gives the counts of the summary.

    Raises:
        UserFacingError: data or base model are missing, or the chat template is unsafe.
    """
    from core.models.loading import load_tokenizer

    project = Project.of_run(folder)
    version = DatasetVersion.load(project.version_folder(params.dataset_version))
    link.progress(_(PHASE))
    tokenizer = load_tokenizer(find_base(project, params.base_model))
    collected = _Collector(tokenizer, sum(version.counts.values()))
    for part, example in version.rows():
        collected.add(example, part)
        if collected.done % _PROGRESS_ROWS == 0:
            link.progress(_(PHASE), collected.done, collected.total, _("examples"))
    summary = collected.write(folder, params)
    for note, text in sentences(summary.notes, collected.total):
        link.emit(about(note, text))
    return LabelPreviewResult(examples=collected.done, faults=collected.faults)


class _Collector:
    """Looks at each example once; keeps figures of all and the texts of some."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, total: int) -> None:
        self._tokenizer = tokenizer
        marks = end_marks(tokenizer)
        self._special = frozenset(tokenizer.convert_tokens_to_ids(list(marks)))
        self._wanted = _some_places(total)
        self._facts = np.zeros(total, dtype=FACTS)
        self._files: dict[str, int] = {}
        self._reasons: dict[int, str] = {}
        self._texts: dict[int, list[LabelledText]] = {}
        self._longest: list[tuple[int, int, list[LabelledText]]] = []
        self._notes: Counter[str] = Counter()
        self._learned_in: Counter[Part] = Counter()
        self._text_tokens: Counter[Part] = Counter()
        self._end = -1
        self._without_end = 0
        self.total = total
        self.done = 0
        self.faults = 0

    def add(self, example: Example, part: Part) -> None:
        """Look at one example."""
        encoded = encode(self._tokenizer, example)
        file = self._files.setdefault(example.source.file, len(self._files))
        learnable = [] if encoded.problem else [t for t in encoded.texts if t.first >= 0]
        self._facts[self.done] = (
            max((len(text.ids) for text in encoded.texts), default=0),
            min((text.first for text in learnable), default=-1),
            sum(text.trained for text in learnable),
            _fault(encoded.problem),
            PARTS.index(part),
            file,
            example.source.line,
        )
        if learnable:
            self._notes.update(encoded.notes)
            self._learned_in[part] += len(learnable)
            self._text_tokens[part] += sum(len(text.ids) for text in learnable)
            self._note_end(learnable[0])
        self._keep(self.done, example, part, encoded)
        self.done += 1

    def _note_end(self, encoded: Encoded) -> None:
        last = next(label for label in reversed(encoded.labels) if label != IGNORED)
        if last in self._special:
            self._end = last
        else:
            self._without_end += 1

    def _keep(self, index: int, example: Example, part: Part, encoded: EncodedExample) -> None:
        fault, length = encoded.problem, int(self._facts["tokens"][index])
        is_long = len(self._longest) < _LONGEST or length > self._longest[0][0]
        if fault:
            self.faults += 1
            if len(self._reasons) < _REASONS_KEPT:
                self._reasons[index] = fault.english
        is_shown = index in self._wanted or (bool(fault) and self.faults <= _FAULTY)
        if not (is_shown or is_long):
            return
        texts = self._learned_texts(index, example, part, encoded)
        if is_shown:
            self._texts[index] = texts
        if is_long:
            heapq.heappush(self._longest, (length, index, texts))
            if len(self._longest) > _LONGEST:
                heapq.heappop(self._longest)

    def _learned_texts(
        self, index: int, example: Example, part: Part, encoded: EncodedExample
    ) -> list[LabelledText]:
        return [
            LabelledText(
                index=index,
                file=example.source.file,
                line=example.source.line,
                part=part,
                number=number,
                texts=max(1, len(encoded.texts)),
                text=text.text,
                ids=tuple(text.ids),
                ends=tuple(end for _, end in text.offsets),
                kinds=token_letters(text, self._special),
                fault=encoded.problem.english if encoded.problem else "",
            )
            for number, text in enumerate(encoded.texts[:_MOST_TEXTS] or [_NOTHING])
        ]

    def write(self, folder: RunFolder, params: LabelPreviewParams) -> LabelPreviewSummary:
        """Write the result into the run folder, the summary last; return that."""
        kept = {**{index: texts for _, index, texts in self._longest}, **self._texts}
        texts = [text for index in sorted(kept) for text in kept[index]]
        lines = [text.model_dump_json().encode() + b"\n" for text in texts]
        write_bytes(folder.label_preview_texts, b"".join(lines), durable=False)
        np.save(folder.label_preview_facts, self._facts[: self.done])
        end = "" if self._end < 0 else str(self._tokenizer.convert_ids_to_tokens(self._end))
        summary = LabelPreviewSummary(
            dataset_version=params.dataset_version,
            base_model=params.base_model,
            files=tuple(self._files),
            reasons=self._reasons,
            end=end,
            without_end=self._without_end,
            known_template=is_known(template_text(self._tokenizer)),
            notes=dict(self._notes),
            texts=dict(self._learned_in),
            text_tokens=dict(self._text_tokens),
        )
        write_json(folder.label_preview_file, summary.model_dump(mode="json"), durable=False)
        return summary


_NOTHING = Encoded("", [], [], [])


def _fault(problem: Fault) -> int:
    """Return the place of a problem's kind in :data:`FAULTS`."""
    return FAULTS.index(problem.source) if problem else 0


def _some_places(total: int) -> frozenset[int]:
    """Return random places; the same for the same number of examples."""
    chosen = np.random.default_rng(total).choice(total, min(_RANDOM, total), replace=False)
    return frozenset(chosen.tolist())


def token_letters(encoded: Encoded, special: frozenset[int]) -> str:
    """Return the letter of each token, see :class:`LabelledText`.

    A special token that is learned and followed by a masked one (or nothing) ends an answer.
    """
    letters = []
    for place, (token, label) in enumerate(zip(encoded.ids, encoded.labels, strict=True)):
        following = encoded.labels[place + 1 : place + 2] or [IGNORED]
        is_end = token in special and following[0] == IGNORED
        letters.append("m" if label == IGNORED else "e" if is_end else "t")
    return "".join(letters)


def run_leave_out(folder: RunFolder, params: LeaveOutParams, link: JobLink) -> LeaveOutResult:
    """Write the version without the examples that cannot be learned; gives its hash and count.

    Raises:
        UserFacingError: nothing would be left.
    """
    from core.data.versions.revision import leave_out

    project = Project.of_run(folder)
    preview = LabelPreview.load(project.run(params.learning_run))
    link.progress(_("Writing your examples"))
    version = DatasetVersion.load(project.version_folder(preview.summary.dataset_version))
    reasons = {
        int(n): _in_english(preview.reason(int(n))) for n in preview.unlearnable(params.max_length)
    }
    revised = leave_out(version, reasons, project.versions)
    return LeaveOutResult(
        content_hash=revised.content_hash,
        left_out=len(reasons),
        counts=revised.counts,
        added=revised.meta.added,
        problems=tuple(_problem(preview, n) for n in list(reasons)[:_REASONS_KEPT]),
    )


def _in_english(reason: str) -> str:
    """A version is the same whatever language it was made in."""
    return reason.english if isinstance(reason, Sentence) else reason


def _problem(preview: LabelPreview, index: int) -> Problem:
    source = preview.source(index)
    return Problem(file=source.file, line=source.line, reason=preview.reason(index))
