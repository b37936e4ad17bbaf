"""Every page in its states, light and dark, as pictures; every control has a name and a size.

``HOMELAB_TUNER_GALLERY=FOLDER pytest tests/gui/test_gallery.py`` keeps the pictures; README takes
its own from there. Whatever a picture shows was drawn by the real window. What
``test_gallery_language`` looks at can be chosen:
``HOMELAB_TUNER_GALLERY_LOOK="de 900x620 1.5"`` (language, size of the window, text scale).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import httpx2
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.actions.plans import value_in_words
from core.data.cleaning import ReviewDecision
from core.data.findings.kinds import Action, Kind
from core.doctor.check import Remedy, SelfCheck
from core.errors import UserFacingError
from core.evaluation.facts.review import FactReview
from core.evaluation.own_questions import OwnQuestion
from core.evaluation.prompts import spec as prompts
from core.evaluation.rating.criteria import usual_criteria
from core.events import Failed, Finished, Progress, Started, StateChanged, Transfer
from core.export.saves.forms import Choice, Weights
from core.hardware.cards.card import Card, CardReport
from core.installation import kind, plan
from core.installation.plan import EngineState
from core.installation.refusals import no_connection
from core.installation.trial import Tried
from core.installation.updates.feed import Release
from core.installation.updates.looking import Offered
from core.installation.updates.own import own_release, require_address
from core.installation.updates.packages import Package
from core.installation.variant import Variant
from core.installed_engine import EngineRecord
from core.jobs.spec import ExportResult
from core.language import PSEUDO, _
from core.library.about import About, write_about
from core.models.hub.access import Access, access_error
from core.models.hub.connection import OFFICIAL, checked_endpoint
from core.models.hub.reference import HubReference
from core.models.hub.refusals import explain
from core.models.hub.store import models_folder, run_folder, staging_folder, write_record
from core.pairs.proposals import proposals_file, write_proposals
from core.planning import environment, planner
from core.planning.environment import examine_machine
from core.planning.offer_text import offer_lines
from core.preferences.collection import merged
from core.preferences.sources import Found
from core.project import Project, RunFolder
from core.sample_project import open_sample
from core.serving.use.comparison import begin, open_database
from core.settings import Settings
from core.wizard import Step
from gui.base_model.download_row import DownloadRow
from gui.chat.page import ChatPage
from gui.comparison.facts_dialog import FactsDialog
from gui.comparison.own_questions_dialog import OwnQuestionsDialog
from gui.comparison.rating.criteria_dialog import CriteriaDialog
from gui.comparison.rating.revealed_dialog import RevealedDialog
from gui.daily_use.page import DailyUsePage
from gui.examples.receipt_dialog import ReceiptDialog
from gui.input.keyboard import bring_into_sight
from gui.installation import offer, update_dialog
from gui.installation.dialog import EngineDialog
from gui.installation.update_dialog import UpdateDialog
from gui.kit.icons import forget_pixmaps
from gui.kit.theme import apply_theme
from gui.kit.value_table import ValueTable
from gui.library.about_dialog import AboutDialog
from gui.library.models_dialog import ModelsDialog
from gui.rows.outliers_dialog import OutliersDialog
from gui.saving.answers_dialog import AnswersDialog
from gui.settings.queue_dialog import QueueDialog
from gui.shell.activity.watch import Activity, Download
from gui.shell.closing_dialog import ClosingDialog
from gui.shell.error_dialog import ErrorDialog
from gui.shell.help.about import AboutSheet
from gui.shell.help.keys import HelpSheet
from gui.shell.palette.dialog import Palette
from gui.shell.preferences.dialog import PreferencesDialog
from gui.shell.window import WizardWindow
from gui.start.doctor_sheet import DoctorSheet
from gui.start.hardware_chip import LOOKING
from gui.wizard.lesson_dialog import LessonDialog
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.core.models.folders import make_model
from tests.core.pairs.handbook import handbook
from tests.core.training.preferences.examples import judgements
from tests.gui import scenes
from tests.gui.access import covered, lacking, nested
from tests.gui.chat.fake_model import ANSWER, FakeModel, Openers
from tests.gui.daily_use.uses import add_uses
from tests.gui.examples.pairs.test_dialog import BAD, GOOD, OTHER
from tests.gui.readable import cut_texts, overlapping
from tests.gui.saving import saves
from tests.loopback_index import Index

LANGUAGE, WINDOW, SCALE = os.environ.get(
    "HOMELAB_TUNER_GALLERY_LOOK", f"{PSEUDO} 1180x800 1"
).split()
SIZE = tuple(int(side) for side in WINDOW.split("x"))


A_MODEL = HubReference("Qwen/Qwen3-4B-Instruct-2507")


PAIRS = [GOOD, OTHER, BAD]


class StrayWindows(QObject):
    """Notes parts that were shown before they had a place: each flashes up as a window of its own.

    It also takes the keyboard away from the window.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            kind = watched.windowType()
            if kind is Qt.WindowType.Window and not isinstance(watched, QMainWindow):
                self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


class Stage:
    """A window and what the scenes need to set it."""

    def __init__(self, session: Session, tmp_path: Path, qtbot: QtBot, rest: ExitStack) -> None:
        self.session = session
        self.tmp = tmp_path
        self.qtbot = qtbot
        self.rest = rest
        self.window: WizardWindow | None = None

    def show(self, step: Step | None = None) -> WizardWindow:
        if step is not None:
            self.session.go_to(step)
        self.window = WizardWindow(self.session)
        self.window.resize(*SIZE)
        self.window.show()
        self.qtbot.waitExposed(self.window)
        return self.window

    def page(self, kind: type) -> object:
        assert self.window is not None
        assert isinstance(self.window.page, kind)
        return self.window.page


def start_first(stage: Stage) -> None:
    from gui.start.page import StartPage

    stage.show()
    page: StartPage = stage.page(StartPage)
    scenes.until(stage.qtbot, lambda: page.strip.text() != _(LOOKING))


def start_new(stage: Stage) -> None:
    start_first(stage)
    page = stage.window.page
    page.new.click()
    page.name.setText("Support answers")


def start_recent(stage: Stage) -> None:
    for name in ("Release notes ü 漢字", "Support answers"):
        stage.session.create_project(stage.tmp / name, name)
    stage.session.close()
    start_first(stage)


def start_projects(stage: Stage) -> None:
    """Tiles of projects in several states, and what a chip tells."""
    for name in ("Release notes", "Invoices"):
        stage.session.create_project(stage.tmp / name, name)
    trained(stage)
    stage.session.close()
    start_first(stage)
    scenes.until(stage.qtbot, lambda: bool(stage.window.page.grid.tiles[0].curve._values))


def doctor_sheet(stage: Stage) -> None:
    start_first(stage)
    stage.window.page.strip.chip.click()
    stage.window = stage.window.findChild(DoctorSheet)
    scenes.until(stage.qtbot, stage.window._waiting.isHidden)


def doctor_findings(stage: Stage) -> None:
    doctor_sheet(stage)
    stage.window._show([
        SelfCheck(_("computer"), True, _("{system}, Python {python}, {memory} GB of memory",
                                        system="Linux", python="3.11.7", memory=32)),
        SelfCheck(_("disk"), False, _("{size} GB free", size=2),
                  _("Free at least 5 GB: base models and checkpoints are large.")),
        SelfCheck(_("compiler"), True, _("none"),
                  _("Training on the card is faster with one: sudo apt install gcc libc6-dev"),
                  "sudo apt install gcc libc6-dev"),
        SelfCheck(_("PyTorch"), False, _("PyTorch does not start: {error}", error="libcudart.so"),
                  _("Install PyTorch again with: homelab-tuner engine remove, then engine install"),
                  "homelab-tuner engine install", Remedy.ENGINE),
    ])  # fmt: skip


def start_error(stage: Stage) -> None:
    start_first(stage)
    stage.window.page.open_root(stage.tmp / "nothing here")


def examples_empty(stage: Stage) -> None:
    stage.session.create_project(stage.tmp / "Support answers", "Support answers")
    stage.show(Step.EXAMPLES)


def examples_busy(stage: Stage) -> None:
    examples_empty(stage)
    progress = stage.window.page.progress
    progress.begin("Reading your examples …")
    progress.update_from(Progress(phase="Reading", done=31_000, total=84_700, unit="rows"))
    scenes.until(stage.qtbot, progress.isVisible)
    stage.rest.callback(progress.end)


def examples(stage: Stage) -> None:
    """The sample's own file, read by the real job."""
    stage.session.open_project(open_sample(stage.tmp / "Sample project").root)
    stage.show(Step.EXAMPLES)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: page.plan is not None and not page.is_busy(), 60)


def examples_findings(stage: Stage) -> None:
    examples(stage)
    page = stage.window.page
    stage.qtbot.wait(60)
    area = page._result.left
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())


def examples_rows(stage: Stage) -> None:
    """The other pane, where there is room for one only."""
    examples(stage)
    stage.window.page._result.rows.setChecked(True)
    stage.window.page.view.table.choose(2)


def examples_harmful(stage: Stage) -> None:
    """A password waits for a decision; another one was just taken."""
    examples_empty(stage)
    page, path = stage.window.page, stage.tmp / "support.jsonl"
    rows = [f'{{"question": "What comes after {n}?", "answer": "It is {n + 1}."}}'
            for n in range(140)]  # fmt: skip
    rows += rows[:3]
    rows.append('{"question": "How do I log in?", "answer": "password = Tr0ub4dor&9zQ"}')
    path.write_text("\n".join(rows), encoding="utf-8")
    page.read_files([path])
    scenes.until(stage.qtbot, lambda: page.plan is not None and not page.is_busy(), 60)
    page.decide(Kind.EXACT_DUPLICATE, Action.IGNORE)


def examples_signature(stage: Stage) -> None:
    """Every second answer ends with the same lines."""
    examples_empty(stage)
    page, path = stage.window.page, stage.tmp / "mails.jsonl"
    signed = (" See you there.\n\nWarm regards,\nMargit Hollander", "")
    rows = [{"question": f"When do we meet in week {n}?", "answer": f"On day {n}.{signed[n % 2]}"}
            for n in range(140)]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    page.read_files([path])
    scenes.until(stage.qtbot, lambda: page.plan is not None and not page.is_busy(), 60)
    show_below(stage, page.findings.cards[Kind.FRAME])


def examples_chat(stage: Stage) -> None:
    """Four people talk: nobody is learned from before it is said who."""
    examples_empty(stage)
    page, path = stage.window.page, stage.tmp / "WhatsApp Chat with Garden group.txt"
    people = ("Margaret", "Jenny Marsh", "Margaret", "Priya", "Margaret", "Tom Hale")
    lines = [f"0{1 + n // 60}/03/2024, 1{n // 6 % 10}:{n % 60:02} - {people[n % 6]}: Message {n}?"
             for n in range(240)]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")
    page.read_files([path])
    scenes.until(stage.qtbot, lambda: page.plan is not None and not page.is_busy(), 60)


def examples_chat_chosen(stage: Stage) -> None:
    """It stays to be seen who was chosen."""
    examples_chat(stage)
    page = stage.window.page
    page.reading.who.speakers.setCurrentIndex(0)
    page.reading.who.learn.click()
    scenes.until(stage.qtbot, lambda: page.is_ready() and not page.is_busy(), 60)


def examples_before_after(stage: Stage) -> None:
    examples(stage)
    card = stage.window.page.findings.cards[Kind.HTML]
    card.view.click()
    stage.window = card.sheet
    stage.rest.callback(stage.window.hide)


def show_below(stage: Stage, widget: QWidget) -> None:
    """Scroll so that the lower end of ``widget`` is in sight."""
    stage.qtbot.wait(60)
    stage.window.page.findChild(QScrollArea).ensureWidgetVisible(widget, 0, 0)


def examples_review(stage: Stage) -> None:
    examples(stage)
    page = stage.window.page
    page.review.begin.click()
    for verdict in (ReviewDecision.KEEP, ReviewDecision.FLAG, ReviewDecision.DROP):
        page.review.buttons[verdict].click()
    stage.window = page.review.sheet
    stage.rest.callback(stage.window.hide)


def examples_mixture(stage: Stage) -> None:
    """Two files in proportion, general examples, an earlier version to rehearse."""
    scenes.ready_for_settings(stage.session, stage.tmp)
    files = []
    for name, count in (("release notes.jsonl", 260), ("support.jsonl", 120)):
        path = stage.tmp / name
        rows = (f'{{"question": "{name} {n}?", "answer": "It is {n}, so."}}' for n in range(count))
        path.write_text("\n".join(rows), encoding="utf-8")
        files.append(path)
    stage.show(Step.EXAMPLES)
    page = stage.window.page
    page.read_files(files)
    scenes.until(stage.qtbot, lambda: page.is_ready() and page.plan.kept_count == 380, 60)
    scenes.until(stage.qtbot, lambda: page.mixture.earlier.count() == 2)
    page.mixture.open.click()
    page.mixture.general.click()
    page.mixture.shares.fields["support.jsonl"].setValue(60)
    page.mixture.earlier.setCurrentIndex(1)
    page.mixture.earlier.activated.emit(1)
    stage.window = page.mixture.sheet
    stage.rest.callback(stage.window.hide)


def examples_receipt(stage: Stage) -> None:
    examples(stage)
    page = stage.window.page
    page.apply()
    scenes.until(stage.qtbot, lambda: stage.window.page is not page, 60)
    stage.window.show_step(Step.EXAMPLES)
    page.reading.receipt.click()
    stage.window = page.findChild(ReceiptDialog)


def examples_documents(stage: Stage) -> None:
    """A PDF; its pairs were drawn by a model that does not run here."""
    examples_empty(stage)
    page, path = stage.window.page, stage.tmp / "lark.pdf"
    path.write_bytes(handbook())
    page.read_files([path])
    scenes.until(stage.qtbot, lambda: page.plan is not None and not page.is_busy(), 60)


def examples_pairs(stage: Stage) -> None:
    examples_documents(stage)
    run = stage.session.require_project().new_run("pairs")
    write_proposals(proposals_file(run), PAIRS)
    page = stage.window.page
    page.pairs.open.click()
    stage.window = page.pairs.dialog
    stage.window.list.questions.item(0).setCheckState(Qt.CheckState.Checked)
    stage.rest.callback(stage.window.reject)


def examples_pairs_busy(stage: Stage) -> None:
    examples_pairs(stage)
    progress = stage.window.progress
    progress.begin("Asking about your documents")
    progress.update_from(
        Progress(phase="Asking about your documents", done=4, total=8, unit="passages")
    )
    scenes.until(stage.qtbot, progress.isVisible)
    stage.rest.callback(progress.end)


def examples_row_editor(stage: Stage) -> None:
    examples(stage)
    page = stage.window.page
    page.view.edit()
    stage.window = page.view.editor
    stage.rest.callback(stage.window.reject)


def examples_refused(stage: Stage) -> None:
    examples_empty(stage)
    picture = stage.tmp / "holiday.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    stage.window.page.read_files([picture])
    scenes.until(stage.qtbot, stage.window.message.isVisible, 60)


def base_model(stage: Stage) -> None:
    from gui.base_model.page import BaseModelPage

    scenes.ready_for_settings(stage.session, stage.tmp)
    stage.session.change_settings(model_folders=(stage.session.state.base_model,))
    stage.show(Step.BASE_MODEL)
    page: BaseModelPage = stage.page(BaseModelPage)
    scenes.until(stage.qtbot, lambda: len(page.cards) == 2 and page.cards[0].level != "unknown")


def base_model_language(stage: Stage) -> None:
    """German answers, and a model that was made for English."""
    stage.rest.enter_context(
        patch.object(environment, "answer_language", lambda _version: "German")
    )
    base_model(stage)
    sample = next(card for card in stage.window.page.cards if card.candidate.packaged)
    sample.choose()
    scenes.until(stage.qtbot, stage.window.page.list.other_language.isVisible)


def base_model_slow(stage: Stage) -> None:
    """A family that the fast path does not know."""
    stage.rest.enter_context(patch.object(planner, "FUSED_FAMILIES", frozenset()))
    base_model(stage)


def base_model_refused(stage: Stage) -> None:
    base_model(stage)
    folder = stage.tmp / "pickled"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(b"\x80")
    (folder / "config.json").write_text("{}")
    stage.window.page.use_folder(folder)
    scenes.until(stage.qtbot, stage.window.message.isVisible)


def base_model_busy(stage: Stage) -> None:
    base_model(stage)
    progress = stage.window.page.progress
    progress.begin("Unpacking the sample model …")
    progress.update_from(
        Progress(phase="Unpacking the sample model", done=120, total=272, unit="tensors")
    )
    scenes.until(stage.qtbot, progress.isVisible)
    stage.rest.callback(progress.end)


def base_model_get(stage: Stage) -> None:
    """A model is named, and others are on this computer."""
    home = stage.tmp / "nobody"
    make_model(home / ".lmstudio" / "models" / "Own" / "Studio")
    make_model(home / ".cache" / "huggingface" / "hub" / "models--Own--Cached" / "snapshots" / "c0")
    base_model(stage)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: len(page.local.buttons) == 2)
    page.get.name.setText("Qwen/Qwen3-4B-Instruct-2507")
    stage.qtbot.wait(60)
    bring_into_sight(page.local)
    bring_into_sight(page.get.name)


def base_model_known(stage: Stage) -> None:
    """The well-known models, narrowed."""
    base_model_get(stage)
    known = stage.window.page.get.known
    purpose, size = known.filter.purpose, known.filter.largest
    purpose.setCurrentIndex(purpose.findData("code"))
    size.setCurrentIndex(size.findData(16 * 10**9))
    scenes.until(stage.qtbot, lambda: bool(known.cards[0]._badge.text()))
    stage.qtbot.wait(50)
    bring_into_sight(known.cards[2])


def base_model_offer(stage: Stage) -> None:
    base_model(stage)
    get = stage.window.page.get
    here = examine_machine(stage.tmp, None)
    offer = scenes.offer()
    get.name.setText(offer.listing.repo)
    badge = here.badge(offer.shape, offer.model_type)
    get.offer.show_offer(offer, badge, offer_lines(offer, here))
    stage.qtbot.wait(60)
    bring_into_sight(get.offer)


def base_model_terms(stage: Stage) -> None:
    base_model(stage)
    get = stage.window.page.get
    reference, endpoint = HubReference("google/gemma-3-4b-it"), checked_endpoint(OFFICIAL)
    get.show_way(reference, endpoint, access_error(Access.NO_TOKEN, endpoint, reference))
    get.message.say("neutral", _("The token is stored in this system's keyring."))
    stage.qtbot.wait(60)
    bring_into_sight(get.access)


def base_model_offline(stage: Stage) -> None:
    base_model(stage)
    get = stage.window.page.get
    get.name.setText("Qwen/Qwen3-4B-Instruct-2507")
    get._refused(explain(httpx2.ConnectError("no route"), checked_endpoint(OFFICIAL), A_MODEL))
    stage.qtbot.wait(60)
    bring_into_sight(get.message)


def base_model_downloading(stage: Stage) -> None:
    """One is under way, one waits, one has failed."""
    base_model(stage)
    downloads = stage.window.page.downloads
    for repo, part in (("Qwen/Qwen3-4B-Instruct-2507", 3), ("Qwen/Qwen3-8B", 2), ("a/broken", 4)):
        listing = scenes.offer(repo).listing
        row = downloads._add(DownloadRow(run_folder(repo), listing))
        done = listing.size // part
        if part == 2:
            row.show_kept(done)
        elif part == 4:
            error = explain(httpx2.ConnectError("no route"), checked_endpoint(OFFICIAL), A_MODEL)
            row.show_kept(
                done, Failed(code=error.code, what=error.what, todo=error.todo, details="…")
            )
        else:
            row._take(
                Transfer(file="model-00001-of-00003.safetensors", done=done, total=listing.size,
                         rate=11_400_000, seconds_left=469)
            )  # fmt: skip
            row.pause.show()
            row.pause.setEnabled(True)
            row.outlives.show()
            row.resume.hide()


def base_model_cancelling(stage: Stage) -> None:
    base_model_downloading(stage)
    next(iter(stage.window.page.downloads.rows.values())).cancel.click()


def settings(stage: Stage) -> None:
    from gui.settings.page import SettingsPage

    scenes.ready_for_settings(stage.session, stage.tmp)
    stage.show(Step.SETTINGS)
    page: SettingsPage = stage.page(SettingsPage)
    scenes.until(stage.qtbot, lambda: page.plan is not None)


def settings_cards(stage: Stage) -> None:
    stage.rest.enter_context(scenes.cards(2))
    settings(stage)
    show_below(stage, stage.window.page.trial)


def settings_more(stage: Stage) -> None:
    """The adapter of a finished training is trained further."""
    trained(stage)
    stage.session.train_from_adapter(
        stage.session.state.training_run, stage.session.state.base_model, ""
    )
    stage.show()
    page = stage.window.page
    scenes.until(stage.qtbot, page.more.isVisible)
    page.editor.toggle.setChecked(True)
    page.editor.search.setText("adapter")


def settings_more_values(stage: Stage) -> None:
    settings_more(stage)
    show_below(stage, stage.window.page.editor)


def settings_warning(stage: Stage) -> None:
    settings(stage)
    page = stage.window.page
    page.editor.edited.emit("learning_rate", 0.05)
    page.editor.toggle.setChecked(True)
    page.editor.search.setText("memory")


def settings_wrong(stage: Stage) -> None:
    settings(stage)
    stage.window.page.editor.edited.emit("rank", "many")


def settings_learning(stage: Stage) -> None:
    """The examples with what is learned in each."""
    settings(stage)
    page = stage.window.page
    scenes.until(stage.qtbot, page.preview.look.isVisible)
    page.preview.look.click()


def settings_lengths_table(stage: Stage) -> None:
    """The lengths of the examples as a table."""
    settings_learning(stage)
    view = stage.window.page.preview.view
    view.lengths_table.click()
    stage.window = view.lengths_table.findChild(ValueTable)


def settings_learning_cut(stage: Stage) -> None:
    scenes.ready_for_settings(stage.session, stage.tmp)
    scenes.add_check(stage.session, long=9)
    stage.show(Step.SETTINGS)
    page = stage.window.page
    scenes.until(stage.qtbot, page.preview.look.isVisible)
    page.preview.look.click()
    view = page.preview.view
    view.which.setCurrentIndex(1)
    view.which.activated.emit(1)


def settings_learning_lost(stage: Stage) -> None:
    scenes.ready_for_settings(stage.session, stage.tmp)
    scenes.add_check(stage.session, faulty=3)
    stage.show(Step.SETTINGS)
    scenes.until(stage.qtbot, stage.window.page.preview.drop.isVisible)


def settings_learning_refused(stage: Stage) -> None:
    settings(stage)
    page = stage.window.page
    scenes.until(stage.qtbot, page.preview.look.isVisible)
    page.preview.show_error(
        UserFacingError(
            "model.template_unsafe",
            _(
                "The base model's chat template cannot be used: it does not end within "
                "{seconds:g} seconds.",
                seconds=2,
            ),
            _("Choose another base model, or one from its original maker."),
        )
    )


def settings_learning_busy(stage: Stage) -> None:
    settings(stage)
    page = stage.window.page
    scenes.until(stage.qtbot, page.preview.look.isVisible)
    page.preview.show_waiting(checking=True)
    progress = page.preview.progress
    progress.begin("Checking what the model will learn …")
    phase = "Checking what the model will learn"
    progress.update_from(Progress(phase=phase, done=2_200, total=8_470, unit="examples"))
    scenes.until(stage.qtbot, progress.isVisible)
    stage.rest.callback(progress.end)


def settings_loading(stage: Stage) -> None:
    scenes.ready_for_settings(stage.session, stage.tmp)
    stage.show(Step.SETTINGS)


def training(stage: Stage, *, card: bool = True, steps: int = 80, memorise: bool = False) -> None:
    from gui.training.page import TrainingPage

    scenes.ready_for_settings(stage.session, stage.tmp)
    run = scenes.add_run(stage.session)
    events = scenes.training_events(steps, 117, card=card, memorise=memorise)
    scenes.write_events(run, events)
    stage.rest.enter_context(scenes.alive(run))
    stage.show(Step.TRAINING)
    page: TrainingPage = stage.page(TrainingPage)
    scenes.until(stage.qtbot, lambda: page.view_model.step == steps)
    page.draw()


def training_table(stage: Stage) -> None:
    """The curves as a table."""
    training(stage)
    losses = stage.window.page.view.plots.losses
    losses.show_table()
    stage.window = losses.findChild(ValueTable)


def training_without_card(stage: Stage) -> None:
    training(stage, card=False)


def training_hot(stage: Stage) -> None:
    training(stage)
    page = stage.window.page
    scenes.write_events(stage.session.training_run(), scenes.hot_readings(161.0))
    scenes.until(stage.qtbot, lambda: page.view_model.telemetry.lost_seconds > 0)
    page.draw()


def training_unreadable(stage: Stage) -> None:
    training(stage)
    page = stage.window.page
    scenes.write_events(stage.session.training_run(), [scenes.unreadable(161.0)])
    scenes.until(stage.qtbot, page.view_model.is_unprotected)
    page.draw()


def training_memorising(stage: Stage) -> None:
    training(stage, steps=112, memorise=True)


def training_narrow(stage: Stage) -> None:
    training(stage)
    stage.window.resize(stage.window.minimumSize())


def training_odd_rows(stage: Stage) -> None:
    training(stage)
    page = stage.window.page
    scenes.write_events(stage.session.training_run(), [scenes.odd_rows(3, 17, 40)])
    scenes.until(stage.qtbot, lambda: bool(page.view_model.health and page.view_model.health.rows))
    page.draw()


def odd_examples_dialog(stage: Stage) -> None:
    training_odd_rows(stage)
    page = stage.window.page
    (button,) = page.view.verdict._actions
    button.click()
    scenes.until(stage.qtbot, lambda: page.findChild(OutliersDialog) is not None)
    stage.window = page.findChild(OutliersDialog)
    stage.window.places.item(1).setCheckState(Qt.CheckState.Checked)


def training_paused(stage: Stage) -> None:
    training(stage)
    page = stage.window.page
    run = stage.session.training_run()
    scenes.write_events(
        run, [StateChanged(state="paused", reason=_("You paused the run."), at=165)]
    )
    scenes.write_events(run, [scenes.warning()])
    scenes.until(stage.qtbot, lambda: page.view_model.state == "paused")
    page.draw()


def training_zoomed(stage: Stage) -> None:
    training(stage)
    page = stage.window.page
    page.view.plots.losses.chart.view_range.look_at(20, 60)
    page.view.plots.losses.chart.refresh()
    page.view.plots.losses.chart.point_at(44)
    page.view.plots.other.choose("power")
    scenes.write_events(stage.session.training_run(), [scenes.awake(works=True)])
    scenes.until(stage.qtbot, lambda: page.view_model.awake is not None)
    page.draw()


def training_compared(stage: Stage) -> None:
    scenes.ready_for_settings(stage.session, stage.tmp)
    for number, memorise in ((3, False), (5, True)):
        run = scenes.add_run(stage.session)
        scenes.write_events(run, scenes.training_events(112, 117, memorise=memorise))
        scenes.write_events(run, [scenes.out_of_memory()])
        assert number
    run = scenes.add_run(stage.session)
    scenes.write_events(run, [*scenes.training_events(90, 117), scenes.awake(works=False)])
    stage.rest.enter_context(scenes.alive(run))
    stage.show(Step.TRAINING)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: page.view_model.awake is not None)
    page.view.plots.other.choose("grad_norm")
    for action in page.view.plots.picker.actions_by_name().values():
        action.trigger()
    scenes.until(stage.qtbot, lambda: len(page.view.plots._others.stories) == 2)
    page.draw()


def training_queue(stage: Stage) -> None:
    from core.hardware.system.energy import Range

    training(stage)
    page = stage.window.page
    joules = Range(1_000_000, 1_500_000)
    done = scenes.add_to_queue(stage.session, "Gentle", joules=joules)
    scenes.write_events(done, [Started(job="train"), Finished(outcome="completed")])
    failed = scenes.add_to_queue(stage.session, "Thorough", joules=joules)
    scenes.write_events(failed, [Started(job="train"), scenes.out_of_memory()])
    for seed in (1, 2, 3):
        scenes.add_to_queue(stage.session, value_in_words("seed", seed), joules=joules)
    page.control.look_now()
    scenes.until(stage.qtbot, lambda: len(page.view.queue.rows) == 5)
    stage.qtbot.wait(60)
    area = page.findChild(QScrollArea)
    area.ensureWidgetVisible(page.view.queue)


def training_read_only(stage: Stage) -> None:
    training(stage)
    stage.window.shut_down()
    root = stage.tmp / "Support answers"
    owner = Project(root).lock()
    stage.rest.callback(owner.release)
    stage.session.open_project(root)
    stage.show(Step.TRAINING)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: page.view_model.step == 80)
    page.draw()


def settings_read_only(stage: Stage) -> None:
    settings(stage)
    stage.window.shut_down()
    root = stage.tmp / "Support answers"
    owner = Project(root).lock()
    stage.rest.callback(owner.release)
    stage.session.open_project(root)
    stage.show(Step.SETTINGS)
    scenes.until(stage.qtbot, lambda: stage.window.page.plan is not None)


def queue_dialog(stage: Stage) -> None:
    stage.rest.enter_context(scenes.cards(1))
    settings(stage)
    stage.window.page.apply_secondary()
    dialog = stage.window.page.findChild(QueueDialog)
    dialog.vary.setCurrentIndex(dialog.vary.findData("rank"))
    stage.window = dialog


def training_diverged(stage: Stage) -> None:
    scenes.ready_for_settings(stage.session, stage.tmp)
    run = scenes.add_run(stage.session)
    scenes.write_events(run, [*scenes.training_events(40, 117), *scenes.diverged(2.5e-5)])
    stage.show(Step.TRAINING)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: page.view_model.ending is not None and not page.is_busy())


def training_rate_too_low(stage: Stage) -> None:
    training(stage)
    page = stage.window.page
    scenes.write_events(stage.session.training_run(), [scenes.too_low(5e-5)])
    scenes.until(stage.qtbot, lambda: page.view_model.health is not None)
    page.draw()


def resume_offered(stage: Stage) -> None:
    scenes.ready_for_settings(stage.session, stage.tmp)
    run = scenes.add_run(stage.session)
    scenes.write_events(run, scenes.training_events(40, 117))
    scenes.add_to_queue(stage.session, _("Balanced"))
    stage.show(Step.SETTINGS)
    scenes.until(stage.qtbot, stage.window.offer.isVisible)
    scenes.until(stage.qtbot, lambda: stage.window.page.plan is not None)


def closing_dialog_in_tray(stage: Stage) -> None:
    start_first(stage)
    stage.window = ClosingDialog(stage.window, in_tray=True)
    stage.window.show()


def training_waiting(stage: Stage) -> None:
    from gui.training.page import TrainingPage

    scenes.ready_for_settings(stage.session, stage.tmp)
    run = scenes.add_run(stage.session)
    scenes.write_events(run, [Started(job="train"), Progress(phase=_("Loading the base model"))])
    stage.rest.enter_context(scenes.alive(run))
    stage.show(Step.TRAINING)
    page: TrainingPage = stage.page(TrainingPage)
    scenes.until(stage.qtbot, lambda: page.view_model.phase is not None)
    page.draw()


def training_failed(stage: Stage) -> None:
    from gui.training.page import TrainingPage

    scenes.ready_for_settings(stage.session, stage.tmp)
    run = scenes.add_run(stage.session)
    scenes.write_events(run, scenes.training_events(60, 117))
    scenes.write_events(run, [scenes.out_of_memory()])
    stage.show(Step.TRAINING)
    page: TrainingPage = stage.page(TrainingPage)
    scenes.until(stage.qtbot, lambda: page.view_model.ending is not None and not page.is_busy())


def trained(stage: Stage) -> None:
    scenes.ready_for_settings(stage.session, stage.tmp)
    run = scenes.add_run(stage.session)
    scenes.write_events(run, scenes.training_events(117, 117))
    scenes.finish_training(run, stage.session)
    scenes.add_adapter(run)


def training_done(stage: Stage) -> None:
    trained(stage)
    stage.show(Step.TRAINING)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: page.view_model.ending is not None and not page.is_busy())


def settings_prompt(stage: Stage) -> None:
    """A prompt was tried before training."""
    scenes.ready_for_settings(stage.session, stage.tmp)
    stage.show(Step.SETTINGS)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: page.plan is not None)
    tried = [
        prompts.Tried(shots=shots, scores={"chrf": chrf, "format_share": form}, word="better")
        for shots, chrf, form in ((0, 21.7, 0.05), (1, 33.1, 0.6), (3, 41.0, 0.85), (5, 44.2, 0.9))
    ]
    page.prompt_first.show_result(
        prompts.PromptsResult(questions=20, tried=tried, answers=3.1, everyday=1.2)
    )
    bring_into_sight(page.prompt_first)


def comparison_empty(stage: Stage) -> None:
    trained(stage)
    stage.show(Step.COMPARISON)


def comparison_scores(stage: Stage) -> None:
    trained(stage)
    scenes.write_evaluation(stage.session.training_run())
    stage.show(Step.COMPARISON)


def comparison_cancelling(stage: Stage) -> None:
    """Cancel was pressed after minutes of work."""
    comparison_empty(stage)
    progress = stage.window.page.progress
    progress.begin(_("Getting ready"))
    progress._appear()
    phase = _("Part {part} of {parts}: {phase}", part=4, parts=6, phase=_("Answering"))
    progress.update_from(
        Progress(phase=phase, done=9, total=22, unit=_("questions"), part=4, parts=6)
    )
    progress._since -= 400
    progress._ask_to_cancel()
    show_below(stage, progress)


def comparison_tasks(stage: Stage) -> None:
    trained(stage)
    rules = {"titles": [{"code": "one_line"}, {"code": "length", "low": 12, "high": 90}]}
    some = scenes.DIFFERENCES[2:6:2]
    differences = [
        *scenes.DIFFERENCES,
        *({**one, "task": "titles"} for one in some),
        *({**one, "against": "train-000", "word": "none"} for one in some),
    ]
    run = stage.session.training_run()
    prompted = [scenes.PROMPTED]
    alone = [{**scenes.DIFFERENCES[0], "task": "titles", "against": "train-000", "word": "worse"}]
    scenes.write_evaluation(
        run,
        part="validation",
        differences=differences,
        rules=rules,
        prompted=prompted,
        single_tasks=alone,
    )
    stage.show(Step.COMPARISON)
    stage.window.page.details.open()


def comparison_rating(stage: Stage) -> None:
    comparison_scores(stage)
    stage.window.page.apply()
    rating = stage.window.page.rating
    rating.marks.click()
    rating.choose("a")
    rating.mark("a", "accuracy", 4)


def comparison_rating_quick(stage: Stage) -> None:
    comparison_scores(stage)
    stage.window.page.apply()


def comparison_against(stage: Stage) -> None:
    """Two fine-tunes against each other, and a second rater."""
    trained(stage)
    first = stage.session.training_run()
    second = scenes.add_run(stage.session)
    scenes.finish_training(second, stage.session)
    for run in (first, second):
        scenes.write_evaluation(run, questions=24)
    stage.show(Step.COMPARISON)
    page = stage.window.page
    page.setup.opponent.setCurrentIndex(1)
    for name in ("Anna", "Ben"):
        page.setup.rater.setText(name)
        page.setup.rater.editingFinished.emit()
        page.apply()
        while page.rating.question is not None:
            page.rating.choose("tie" if page.rating.question.question[-1] in "37" else "a")
            page.apply()
            if page.verdict.isVisible():
                break


def rated_answers(stage: Stage) -> None:
    comparison_verdict(stage)
    page = stage.window.page
    stage.window = RevealedDialog(page.rating.session, page.rating.criteria, stage.window)
    stage.window.show()


def own_questions(stage: Stage) -> None:
    known = [
        OwnQuestion(question="What does `area` return?", answer="The area of a rectangle."),
        OwnQuestion(question="Which functions are missing?"),
    ]
    stage.window = OwnQuestionsDialog(known, stage.window)
    stage.window.list.setCurrentRow(0)
    stage.window.show()


def lesson_dialog(stage: Stage, count: int = 120) -> None:
    from core.actions.preferences import Lesson
    from core.config.training import TrainingConfig
    from core.hardware.system.energy import Range

    some = judgements(count, ("pair", "pair", "good", "bad"))
    found = [*(Found("rating", one) for one in some), *[Found("use", None, "tie")] * 7]
    found += [Found("chat", None, "cut")] * 3
    lesson = Lesson(merged(found), RunFolder(Path("train-001")), TrainingConfig(), Range(900, 2400))
    stage.window = LessonDialog(lesson, stage.window)
    stage.window.show()


def lesson_too_few(stage: Stage) -> None:
    lesson_dialog(stage, 8)


def criteria_dialog(stage: Stage) -> None:
    stage.window = CriteriaDialog(usual_criteria(), stage.window)
    stage.window.show()


def comparison_verdict(stage: Stage) -> None:
    comparison_rating(stage)
    rating = stage.window.page.rating
    for number in range(6):
        rating.choose("tie" if number == 2 else "a")
        rating.mark("a", "accuracy", 4)
        rating.mark("b", "accuracy", 2)
        rating.go_on()


def facts_dialog(stage: Stage) -> None:
    comparison_scores(stage)
    run = stage.session.training_run()
    stage.window = FactsDialog(FactReview(run, scenes.fact_cases()), stage.window)
    stage.window.show()


def facts_judged(stage: Stage) -> None:
    facts_dialog(stage)
    while stage.window.item is not None:
        stage.window.say("invented")


def saving(stage: Stage) -> None:
    trained(stage)
    stage.show(Step.SAVING)


def saving_gguf(stage: Stage) -> None:
    saving(stage)
    stage.window.page.tiles.choose("ollama")


def saving_machine(stage: Stage) -> None:
    saving(stage)
    page = stage.window.page
    page.tiles.tell(Weights(16_000_000_000, 84_000_000), [])
    page.tiles.choose("machine")


def saving_here(stage: Stage) -> None:
    saving(stage)
    stage.window.page.tiles.choose("here")


def saving_working(stage: Stage) -> None:
    saving_gguf(stage)
    page = stage.window.page
    page.progress.begin(_("Saving …"))
    page.progress._appear()
    page.progress.update_from(
        Progress(phase=_("Writing the GGUF file"), done=120, total=272, unit=_("tensors"))
    )
    show_below(stage, page.progress)


def _save(stage: Stage, tile: str, choice: Choice) -> None:
    saving(stage)
    page = stage.window.page
    page._job_about, page._asked = page._run_name, (tile, choice)
    page._exported(
        ExportResult(
            folder=str(stage.tmp / "Saved" / "GGUF"), form=choice.form, likeness=saves.LIKENESS
        )
    )
    show_below(stage, page.ending)


def saving_gguf_done(stage: Stage) -> None:
    _save(stage, "ollama", Choice("gguf", "Q4_K_M"))


def saving_lm_studio_done(stage: Stage) -> None:
    _save(stage, "lm_studio", Choice("gguf", "Q4_K_M"))


def saving_python_done(stage: Stage) -> None:
    _save(stage, "python", Choice("merged"))


def saving_table(stage: Stage) -> None:
    trained(stage)
    saves.save_some(stage.session.require_project(), stage.tmp / "Saved")
    stage.show(Step.SAVING)
    page = stage.window.page
    scenes.until(stage.qtbot, page.saved.isVisible)
    show_below(stage, page.saved)


def _answers_of(stage: Stage, row: int) -> None:
    saving_table(stage)
    page = stage.window.page
    page.saved.table.selectRow(row)
    page.saved.open.click()
    stage.window = page.findChild(AnswersDialog)


def saving_answers(stage: Stage) -> None:
    _answers_of(stage, 1)


def saving_refused(stage: Stage) -> None:
    _answers_of(stage, 0)


def saving_done(stage: Stage) -> None:
    trained(stage)
    stage.session.give(exported_to=str(stage.tmp / "Saved" / "Support answers train-001"))
    stage.show(Step.SAVING)


def saving_error(stage: Stage) -> None:
    saving(stage)
    stage.window.page.target.setText("somewhere")
    stage.window.footer.primary.click()


def library(stage: Stage) -> None:
    trained(stage)
    scenes.write_evaluation(stage.session.training_run())
    run = scenes.add_run(stage.session)
    scenes.finish_training(run, stage.session, energy=None)
    project = stage.session.require_project()
    saves.save(project, stage.tmp / "Models" / "Support adapter", largest_difference=0.0)
    about = About(name="Support answers, second", notes="With the cleaned file.")
    write_about(project.run("train-001"), about)
    stage.show(Step.SAVING)
    stage.window.show_place(Place.LIBRARY)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: len(page.tunes) == 2)


def library_archived(stage: Stage) -> None:
    library(stage)
    page = stage.window.page
    page.shelf.cards[1].choose()
    page.archive.click()
    scenes.until(stage.qtbot, lambda: len(page.shelf.cards) == 1)
    page.shelf.archived.click()


def library_notes(stage: Stage) -> None:
    library(stage)
    stage.window.page.shelf.cards[1].choose()
    stage.window.page.about.click()
    stage.window = stage.window.page.findChild(AboutDialog)


def library_empty(stage: Stage) -> None:
    stage.show()
    stage.window.show_place(Place.LIBRARY)
    scenes.until(
        stage.qtbot,
        lambda: stage.window.page.shelf.empty.text() != _("Looking through your projects …"),
    )


def library_deleted(stage: Stage) -> None:
    library(stage)
    stage.window.page.delete.click()
    scenes.until(stage.qtbot, stage.window.page.bin.isVisible)


def models_dialog(stage: Stage) -> None:
    home = stage.tmp / "nobody"
    make_model(home / ".lmstudio" / "models" / "Own" / "Studio")
    stage.session.create_project(stage.tmp / "Support answers", "Support answers")
    base = scenes.add_base(stage.session, models_folder() / "Qwen--Qwen3-4B-Instruct-2507")
    scenes.add_dataset(stage.session)
    write_record(base, scenes.offer().listing)
    run = scenes.add_run(stage.session)
    scenes.write_events(run, scenes.training_events(117, 117))
    scenes.finish_training(run, stage.session)
    staged = staging_folder(run_folder("Qwen/Qwen3-8B"))
    staged.mkdir()
    write_record(staged, scenes.offer("Qwen/Qwen3-8B").listing)
    stage.show(Step.SETTINGS)
    stage.window.show_place(Place.LIBRARY)
    stage.window.page.models.click()
    dialog = stage.window.page.findChild(ModelsDialog)
    scenes.until(stage.qtbot, lambda: len(dialog.entries) == 3)
    stage.window = dialog


def models_dialog_asks(stage: Stage) -> None:
    models_dialog(stage)
    stage.window.delete.click()


def chat(stage: Stage) -> Openers:
    """Two fine-tunes, nothing asked yet."""
    trained(stage)
    run = scenes.add_run(stage.session)
    scenes.finish_training(run, stage.session)
    return show_chat(stage)


def show_chat(stage: Stage) -> Openers:
    openers = Openers()
    stage.rest.enter_context(patch.object(ChatPage, "opener", openers))
    stage.rest.enter_context(patch("gui.chat.holder._other_work", lambda _wanted: ""))
    stage.show()
    stage.window.show_place(Place.CHAT)
    scenes.until(stage.qtbot, lambda: stage.window.page.partners is not None)
    return openers


def chat_first(stage: Stage) -> None:
    chat(stage)


def chat_without_project(stage: Stage) -> None:
    stage.show()
    stage.window.show_place(Place.CHAT)


def chat_options(stage: Stage) -> None:
    chat(stage)
    stage.window.page.fold.click()


def ask_in_chat(stage: Stage, question: str = scenes.QUESTION) -> None:
    stage.window.page.composer.setPlainText(question)
    stage.window.footer.primary.click()


def chat_loading(stage: Stage) -> None:
    openers = chat(stage)
    ask_in_chat(stage)
    scenes.until(stage.qtbot, lambda: stage.window.page.talk.holder.phase == "weights")
    assert openers.opened


def answering(stage: Stage, partner: str = "tune") -> FakeModel:
    openers = chat(stage)
    stage.window.page.partner.buttons[partner].click()
    ask_in_chat(stage)
    openers.last.become_ready()
    scenes.until(stage.qtbot, lambda: bool(openers.last.asked))
    return openers.last


def chat_thinking(stage: Stage) -> None:
    model = answering(stage)
    model.write("A function with two arguments. ", thinking=True)
    stage.qtbot.wait(120)


def chat_writing(stage: Stage) -> None:
    model = answering(stage)
    model.write("A function with two arguments.", thinking=True)
    model.write(ANSWER[:60])
    stage.qtbot.wait(120)


def chat_answered(stage: Stage) -> None:
    model = answering(stage)
    model.write("A function with two arguments.", thinking=True)
    model.answer_all()
    scenes.until(stage.qtbot, lambda: not stage.window.page.is_busy())
    stage.window.page.transcript.views[-1].cards[0].thought.click()


def chat_both(stage: Stage) -> None:
    model = answering(stage, "both")
    model.answer_all()
    scenes.until(stage.qtbot, lambda: not stage.window.page.is_busy())
    stage.window.page.transcript.views[-1].cards[1].up.click()


def chat_both_writing(stage: Stage) -> None:
    model = answering(stage, "both")
    model.write(ANSWER, model.asked[0])
    model.finish(model.asked[0])
    model.write(ANSWER[:40], model.asked[1])
    stage.qtbot.wait(120)


def chat_blind(stage: Stage) -> None:
    openers = chat(stage)
    page = stage.window.page
    page.partner.buttons["blind"].click()
    ask_in_chat(stage)
    scenes.until(stage.qtbot, page.is_busy)
    openers.last.become_ready()
    scenes.until(stage.qtbot, lambda: len(openers.last.asked) == 2)
    openers.last.answer_all()
    scenes.until(stage.qtbot, lambda: not page.is_busy())
    page.transcript.views[-1].choices[0].click()
    scenes.until(stage.qtbot, page.blind.end.isVisible)


def chat_blind_ended(stage: Stage) -> None:
    chat_blind(stage)
    stage.window.page.blind.end.click()
    scenes.until(stage.qtbot, stage.window.message.isVisible)


def chat_corrected(stage: Stage) -> None:
    chat_answered(stage)
    stage.window.page.transcript.views[-1].cards[0].edit.click()


def chat_edited(stage: Stage) -> None:
    chat_answered(stage)
    stage.window.page.transcript.views[-1].edit.click()


def chat_link(stage: Stage) -> None:
    chat_answered(stage)
    stage.window.page.transcript.link_chosen.emit("https://example.org/a?b=c")


def chat_refused(stage: Stage) -> None:
    openers = chat(stage)
    openers.error = UserFacingError(
        "serving.card_in_use",
        _("“{run}” is using the graphics card right now.", run="train-002"),
        _("Wait until it has finished, then load the model."),
    )
    ask_in_chat(stage)
    scenes.until(stage.qtbot, lambda: not stage.window.page.is_busy())


def chat_history(stage: Stage) -> None:
    chat_answered(stage)
    stage.window.page.new.click()
    ask_in_chat(stage, "And what does this one do?")
    stage.window.page.talk.holder.look()
    stage.window.page.talk._keeper.flush()
    stage.window.page.past.click()
    scenes.until(stage.qtbot, lambda: len(stage.window.page.history.found) == 2)


def chat_deleted(stage: Stage) -> None:
    chat_history(stage)
    stage.window.page.history.delete.click()
    scenes.until(stage.qtbot, stage.window.toast.isVisible)


def chat_read_only(stage: Stage) -> None:
    trained(stage)
    root = stage.session.require_project().root
    stage.session.close()
    owner = Project.open(root).lock()
    stage.rest.callback(owner.release)
    stage.session.open_project(root)
    show_chat(stage)


def show_daily_use(stage: Stage) -> DailyUsePage:
    stage.show()
    stage.window.show_place(Place.DAILY_USE)
    page = stage.page(DailyUsePage)
    scenes.until(stage.qtbot, lambda: page._seen is not None)
    return page


def daily_use_empty(stage: Stage) -> None:
    trained(stage)
    page = show_daily_use(stage)
    scenes.until(stage.qtbot, lambda: page.control.offer is not None)


def daily_use(stage: Stage) -> None:
    trained(stage)
    add_uses(stage.session.require_project())
    show_daily_use(stage)


def daily_use_table(stage: Stage) -> None:
    """How long the answers took, as a table."""
    daily_use(stage)
    button = stage.window.page.record.table
    button.click()
    stage.window = button.findChild(ValueTable)


def daily_use_review(stage: Stage) -> None:
    daily_use(stage)
    page = stage.window.page
    page.review.mark("right")
    page.review.answer.setPlainText("It is 1002.")
    show_below(stage, page.review)


def daily_use_unlike(stage: Stage) -> None:
    daily_use(stage)
    show_below(stage, stage.window.page.unlike)


def daily_use_server(stage: Stage) -> None:
    trained(stage)
    page = show_daily_use(stage)
    scenes.until(stage.qtbot, lambda: page.control.offer is not None)
    serving = SimpleNamespace(
        address="http://127.0.0.1:8642/v1", token="sk-local-x", offer=page.control.offer,
        close=lambda: None,
    )  # fmt: skip
    page.control._started(serving)


def daily_use_refused(stage: Stage) -> None:
    trained(stage)
    page = show_daily_use(stage)
    page.control._refused(
        UserFacingError(
            "serving.card_in_use",
            _("“{run}” is using the graphics card right now.", run="train-002"),
            _("Wait until it has finished, then load the model."),
        )
    )


def daily_use_compared(stage: Stage) -> None:
    daily_use(stage)
    project = stage.session.require_project()
    with closing(open_database(project)) as database:
        comparison = begin(database, "base", "train-001")
        for n in range(30):
            comparison.draw(f"other-{n + 10}")
            if n < 25:
                comparison.mark(f"other-{n + 10}", used=n % 4 > 0)
    page = stage.window.page
    page.comparison.look(project, ("train-001",))
    scenes.until(stage.qtbot, lambda: page.comparison.to_mark is not None)
    show_below(stage, page.comparison)


def daily_use_compare(stage: Stage) -> None:
    daily_use(stage)
    page = stage.window.page
    scenes.until(stage.qtbot, lambda: bool(page.comparison.text.text()))
    show_below(stage, page.comparison)


def daily_use_forget(stage: Stage) -> None:
    daily_use(stage)
    stage.window.page.record.forget.click()


def error_dialog(stage: Stage) -> None:
    start_first(stage)
    error = UserFacingError(
        "window.bug",
        _("Something unexpected went wrong in the application."),
        _("Your project is saved. Continue, or restart the application if it behaves oddly."),
        "Traceback (most recent call last):\n  …\nZeroDivisionError: division by zero",
    )
    stage.window = ErrorDialog(error, stage.window)
    stage.window._details.show()
    stage.window.show()


def closing_dialog(stage: Stage) -> None:
    start_first(stage)
    stage.window = ClosingDialog(stage.window)
    stage.window.show()


def preferences(stage: Stage) -> None:
    start_first(stage)
    stage.window = PreferencesDialog(stage.session, stage.window)
    stage.window.show()


def engine_offered(stage: Stage) -> None:
    """The application came without PyTorch."""
    nothing = EngineState(carried=False, record=None, before=None, kept=0)
    stage.rest.enter_context(patch.object(offer, "engine_state", lambda: nothing))
    start_first(stage)


def engine_dialog(stage: Stage) -> None:
    card = Card(0, name="NVIDIA GeForce RTX 3090", driver="580.95", compute_capability=(8, 6))
    for name, value in (("read_cards", CardReport((card,))), ("available", tuple(Variant)),
                        ("disk_free", 182_000_000_000)):  # fmt: skip
        stage.rest.enter_context(patch.object(plan, name, lambda *_, value=value: value))
    lock = Index(url="https://files.pythonhosted.org").lock(Variant.CU130)
    lock = lock.model_copy(update={
        "wheels": tuple(w.model_copy(update={"size": 1_370_000_000}) for w in lock.wheels)
    })  # fmt: skip
    stage.rest.enter_context(patch.object(plan, "read_lock", lambda _variant: lock))
    start_first(stage)
    stage.window = EngineDialog(stage.window)
    stage.window.show()
    scenes.until(stage.qtbot, lambda: stage.window.plan is not None)


def engine_installing(stage: Stage) -> None:
    engine_dialog(stage)
    dialog = stage.window
    for widget in (dialog.bar, dialog.note, dialog.outlives, dialog.pause, dialog.cancel):
        widget.show()
    dialog.install.hide()
    dialog._take(Transfer(file="torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl",
                          done=910_000_000, total=2_740_000_000, rate=11_400_000,
                          seconds_left=161))  # fmt: skip


def engine_failed(stage: Stage) -> None:
    engine_dialog(stage)
    url = "https://files.pythonhosted.org/x"
    stage.window.message.say_error(no_connection(url, OSError("no route")))


def engine_installed(stage: Stage) -> None:
    engine_dialog(stage)
    tried = Tried(torch="2.13.0", cuda="13.0", card="NVIDIA GeForce RTX 3090")
    said = _("PyTorch works: {seen}", seen=tried.sentence())
    stage.window.message.say("good", said)
    before = EngineRecord(variant="cu130", python="cp311", torch="2.12.1", wheels={})
    stage.window.back.setText(_("Go back to version {version}", version=before.torch))
    stage.window.back.show()


def palette(stage: Stage) -> None:
    start_recent(stage)
    stage.window.overlays.show_palette()
    stage.window = stage.window.findChild(Palette)


def palette_searched(stage: Stage) -> None:
    settings(stage)
    stage.window.overlays.show_palette()
    stage.window = stage.window.findChild(Palette)
    stage.window.field.setText("a")


def help_sheet(stage: Stage) -> None:
    start_first(stage)
    stage.window.overlays.show_help()
    stage.window = stage.window.findChild(HelpSheet)


def help_how_to(stage: Stage) -> None:
    """One of the how-tos, as Ctrl+K opens it."""
    start_first(stage)
    stage.window.overlays.show_how_to("saved")
    stage.window = stage.window.findChild(HelpSheet)


def palette_nothing(stage: Stage) -> None:
    palette(stage)
    stage.window.field.setText("xyzzy")


def about_sheet(stage: Stage) -> None:
    start_first(stage)
    stage.window.overlays.show_about()
    stage.window = stage.window.findChild(AboutSheet)


def updates(stage: Stage) -> None:
    start_first(stage)
    stage.window = UpdateDialog(weekly=False, parent=stage.window)
    stage.window.show()


def update_found(stage: Stage) -> None:
    updates(stage)
    changes = ("qwen: Qwen 3.5 trains on the fast path.", "saving: Ollama is asked once more.")
    stage.window.show_offer(
        Offered((Release(version="0.2.0", date="2026-12-20", changes=changes),))
    )


def update_fetching(stage: Stage) -> None:
    update_found(stage)
    dialog = stage.window
    for widget in (dialog.bar, dialog.note, dialog.pause):
        widget.show()
    for widget in (dialog.look_button, dialog.fetch):
        widget.hide()
    dialog._take(Transfer(file="homelab-tuner_0.2.0_amd64.deb", done=91_000_000, total=267_000_000,
                          rate=11_400_000, seconds_left=15))  # fmt: skip


def update_ready(stage: Stage) -> None:
    debian = kind.Kind.DEBIAN
    stage.rest.enter_context(patch.object(update_dialog, "kind_of_installation", lambda: debian))
    update_found(stage)
    path = Path("/home/alex/.local/share/homelab-tuner/updates/homelab-tuner_0.2.0_amd64.deb")
    stage.window._offer_package(Package("0.2.0", path), back=False)


def update_refused(stage: Stage) -> None:
    updates(stage)
    try:
        require_address(own_release())
    except UserFacingError as error:
        stage.window._refused(error)


def tour(stage: Stage) -> None:
    start_first(stage)
    stage.window.overlays.show_tour()
    stage.window.overlays.tour.show_hint(1)


def under_way(stage: Stage) -> None:
    """A run, a queue and a download at the side, a toast at the bottom."""
    library(stage)
    sidebar = stage.window.sidebar
    stage.window.live.shut_down()
    stage.window.news.shut_down()
    sidebar.steps.button(Step.TRAINING).show_live("41% · 14:20")
    sidebar.activity.show_run("train-003", "41% · 14:20", 0.41)
    sidebar.activity.show_activity(Activity((Download("Qwen/Qwen3-4B-Instruct-2507", 0.33),), 2))
    stage.window.toast.say(_("Deleted."), _("Undo"), lambda: None)


SCENES: tuple[Callable[[Stage], None], ...] = (
    start_first,
    start_new,
    start_recent,
    start_projects,
    doctor_sheet,
    doctor_findings,
    start_error,
    examples_empty,
    examples_busy,
    examples,
    examples_findings,
    examples_signature,
    examples_chat,
    examples_chat_chosen,
    examples_rows,
    examples_harmful,
    examples_before_after,
    examples_review,
    examples_mixture,
    examples_receipt,
    examples_documents,
    examples_pairs,
    examples_pairs_busy,
    examples_row_editor,
    examples_refused,
    base_model,
    base_model_slow,
    base_model_language,
    base_model_refused,
    base_model_busy,
    base_model_get,
    base_model_known,
    base_model_offer,
    base_model_terms,
    base_model_offline,
    base_model_downloading,
    base_model_cancelling,
    settings,
    settings_cards,
    settings_more,
    settings_more_values,
    settings_warning,
    settings_wrong,
    settings_loading,
    settings_learning,
    settings_lengths_table,
    settings_learning_cut,
    settings_learning_lost,
    settings_learning_refused,
    settings_learning_busy,
    training_waiting,
    training,
    training_table,
    training_without_card,
    training_hot,
    training_unreadable,
    training_memorising,
    training_narrow,
    training_odd_rows,
    odd_examples_dialog,
    training_diverged,
    training_rate_too_low,
    training_zoomed,
    resume_offered,
    closing_dialog_in_tray,
    training_compared,
    training_queue,
    training_read_only,
    settings_read_only,
    queue_dialog,
    training_paused,
    training_failed,
    training_done,
    settings_prompt,
    comparison_empty,
    comparison_scores,
    comparison_cancelling,
    comparison_tasks,
    comparison_rating,
    comparison_rating_quick,
    comparison_against,
    rated_answers,
    criteria_dialog,
    own_questions,
    comparison_verdict,
    lesson_dialog,
    lesson_too_few,
    facts_dialog,
    facts_judged,
    saving,
    saving_gguf,
    saving_machine,
    saving_here,
    saving_working,
    saving_gguf_done,
    saving_lm_studio_done,
    saving_python_done,
    saving_table,
    saving_answers,
    saving_refused,
    saving_done,
    saving_error,
    library,
    library_empty,
    library_deleted,
    library_archived,
    library_notes,
    models_dialog,
    models_dialog_asks,
    chat_without_project,
    chat_first,
    chat_options,
    chat_loading,
    chat_thinking,
    chat_writing,
    chat_answered,
    chat_both,
    chat_both_writing,
    chat_blind,
    chat_blind_ended,
    chat_corrected,
    chat_edited,
    chat_link,
    chat_refused,
    chat_history,
    chat_deleted,
    chat_read_only,
    daily_use_empty,
    daily_use,
    daily_use_table,
    daily_use_review,
    daily_use_compare,
    daily_use_compared,
    daily_use_unlike,
    daily_use_server,
    daily_use_refused,
    daily_use_forget,
    error_dialog,
    closing_dialog,
    preferences,
    engine_offered,
    engine_dialog,
    engine_installing,
    engine_failed,
    engine_installed,
    palette,
    palette_searched,
    palette_nothing,
    help_sheet,
    help_how_to,
    about_sheet,
    updates,
    update_found,
    update_fetching,
    update_ready,
    update_refused,
    tour,
    under_way,
)


@pytest.fixture
def stage(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as rest:
        made = Stage(Session(Settings()), tmp_path, qtbot, rest)
        yield made
        rest.close()
        for window in qapp.topLevelWidgets():
            if not isValid(window):  # a menu that went with the window before it
                continue
            if isinstance(window, WizardWindow):
                window.shut_down()
            window.close()
        made.session.close()
    forget_pixmaps()


@pytest.fixture(scope="module", autouse=True)
def light_again(qapp: QApplication) -> Iterator[None]:
    yield
    apply_theme(qapp, "light")


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("HOMELAB_TUNER_GALLERY", "") or tmp_path / "gallery")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def let_settle(stage: Stage) -> None:
    """Texts that wrap are laid out in several turns, which take long on a busy computer."""
    for _turn in range(40):
        if not cut_texts(stage.window) and not overlapping(stage.window):
            return
        stage.qtbot.wait(50)


def draw(scene: Callable[[Stage], None], look: str, stage: Stage, path: Path) -> None:
    app = QApplication.instance()
    stage.session.change_settings(appearance=look)
    apply_theme(app, look, stage.session.settings.text_scale)
    stray = StrayWindows()
    app.installEventFilter(stray)
    scene(stage)
    stage.qtbot.wait(60)  # layouts settle
    let_settle(stage)
    app.removeEventFilter(stray)
    assert stray.seen == []
    picture = stage.window.grab()
    assert picture.save(str(path))
    assert path.stat().st_size > 5_000, "an empty picture"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
@pytest.mark.parametrize("look", ["light", "dark"])  # outside: changing it takes long
def test_picture(scene: Callable[[Stage], None], look: str, stage: Stage, gallery: Path) -> None:
    draw(scene, look, stage, gallery / f"{scene.__name__}-{look}.png")
    if look == "light":
        assert lacking(stage.window) == []
        assert nested(stage.window) == []
        assert covered(stage.window) == []


_IN_CONTRAST = (
    start_projects, examples_harmful, base_model_known, settings, training, comparison_verdict,
    saving_table, library, chat_answered, preferences,
)  # fmt: skip


@pytest.mark.parametrize("scene", _IN_CONTRAST, ids=lambda scene: scene.__name__)
def test_picture_in_high_contrast(
    scene: Callable[[Stage], None], stage: Stage, gallery: Path
) -> None:
    draw(scene, "contrast", stage, gallery / f"{scene.__name__}-contrast.png")
