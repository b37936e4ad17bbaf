"""Get a model from the hub: named, looked up after a press of the button, offered, agreed to.

Nothing here connects before the button that says so is pressed, and then a child process does.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from core.errors import UserFacingError
from core.language import _
from core.models.hub.access import Access, Step, access_of, steps_to
from core.models.hub.connection import Endpoint, chosen_endpoint, require_online
from core.models.hub.local import find_by_name
from core.models.hub.offer import Offer, OfferParams
from core.models.hub.reference import DEFAULT_REVISION, HubReference, parse_reference
from core.models.hub.store import find_kept, models_folder
from core.models.hub.tokens import keep_token
from core.planning.environment import examine_machine
from core.planning.memory import Badge
from core.planning.offer_text import offer_lines
from core.project import RunFolder
from gui.base_model.access_panel import AccessPanel
from gui.base_model.known_models import KnownModels
from gui.base_model.offer_panel import OfferPanel
from gui.input.keyboard import bring_into_sight
from gui.jobs.job_progress import JobProgress
from gui.jobs.page_job import PageJob
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Space

_TOKEN_HELPS = (Access.NO_TOKEN, Access.BAD_TOKEN, Access.FORBIDDEN)


class GetModel(QFrame):
    """A name or a link, what the hub says of it, and the well-known models to choose from.

    Attributes:
        accepted: download it; carries the ``Offer``.
        found: it is on this computer already; carries its folder.
        named: another model is named, or none.
        begun: asks whether a download of this model is there, and brings it into sight.
    """

    accepted = Signal(object)
    found = Signal(Path)
    named = Signal()

    def __init__(
        self, tasks: Tasks, begun: Callable[[str], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self._tasks, self._begun = tasks, begun
        self._asked: tuple[HubReference, Endpoint] | None = None
        self._scratch: Path | None = None
        self.name = QLineEdit()
        self.name.setPlaceholderText("Qwen/Qwen3-4B-Instruct-2507")  # not shown: a model's name
        self.name.setAccessibleName(_("Name or link of a model"))
        self.name.textEdited.connect(self.forget)
        self.name.returnPressed.connect(self.look_up)
        self.connect_button = QPushButton()
        self.connect_button.clicked.connect(self.look_up)
        self.message = MessageBar()
        self.progress = JobProgress()
        self.offer = OfferPanel()
        self.offer.accepted.connect(self._accept)
        self.access = AccessPanel()
        self.access.again.connect(self._check_again)
        self.known = KnownModels()
        self.known.picked.connect(self._take_name)
        self._job = PageJob(self.progress, self)
        self._job.changed.connect(self._show_state)
        self._job.completed.connect(self._judge)
        self._job.failed.connect(self._refused)
        self._lay_out()
        self.show_host()

    def _lay_out(self) -> None:
        layout = vbox(
            label(_("Get a model"), "heading"), on=self, margins=Space.CARD, spacing=Space.SMALL
        )
        how = _(
            "Choose a model below, enter a name or paste the link of a model's page. The button "
            "connects to the internet and shows size, licence and fit; only then can you download."
        )
        layout.addWidget(label(how, "muted"))
        layout.addLayout(Flow(self.name, self.connect_button, stretch=self.name))
        for widget in (self.progress, self.message, self.access, self.offer, self.known):
            layout.addWidget(widget)

    def show_host(self) -> None:
        """Name the hub that the button connects to, as it is in the preferences."""
        try:
            host = chosen_endpoint().host
        except UserFacingError:
            host = "…"
        self.connect_button.setText(_("Get it from {host} …", host=host))

    def forget(self) -> None:
        """What was said of another model is past."""
        for widget in (self.message, self.offer, self.access):
            widget.hide()
        self.known.mark(self.name.text().strip())
        self.named.emit()

    def _accept(self, offer: Offer) -> None:
        """It is being fetched from now on, and no longer waits for that."""
        self._name_none()
        self.accepted.emit(offer)

    def _name_none(self) -> None:
        self.name.clear()
        self.known.mark("")
        self.named.emit()

    def _take_name(self, name: str) -> None:
        if not self._job.is_running():
            self.name.setText(name)
            self.forget()
            bring_into_sight(self.name)
            self.connect_button.setFocus()

    def ask_for(self, repo: str) -> None:
        """Ask for the newest version of a model, although an older one was begun."""
        self.name.setText(repo)
        self._look_up(anew=True)

    def look_up(self) -> None:
        """Look on this computer first, then on the hub."""
        self._look_up()

    def _look_up(self, *, anew: bool = False) -> None:
        if self._job.is_running():
            return
        self.forget()
        try:
            require_online()
            endpoint = chosen_endpoint()
            reference = parse_reference(self.name.text(), hosts=frozenset({endpoint.host}))
        except UserFacingError as error:
            self.message.say_error(error)
            return
        any_version = reference.revision == DEFAULT_REVISION
        if not anew and any_version and self._begun(reference.repo):
            return
        self._asked = (reference, endpoint)
        self._tasks.start(
            "by name",  # not shown: the task's name
            lambda: find_by_name(reference) if any_version else _kept(reference),
            self._found,
            self.message.say_error,
        )

    def _found(self, folder: Path | None) -> None:
        if folder is not None and self._asked is not None:
            model = self._asked[0].repo
            said = _("“{model}” is already on this computer. It is chosen above.", model=model)
            anyway = (_("Look on the hub anyway"), self._ask_anyway)
            self.message.say("good", said, actions=(anyway,))
            self._name_none()
            self.found.emit(folder)
        else:
            self._ask_hub()

    def _ask_anyway(self) -> None:
        self.message.hide()
        self._ask_hub()

    def _ask_hub(self) -> None:
        if self._asked is None or self._job.is_running():
            return
        reference, endpoint = self._asked
        params = OfferParams(
            repo=reference.repo, revision=reference.revision, endpoint=endpoint.url
        )
        self._scratch = Path(tempfile.mkdtemp(prefix="homelab-tuner-"))
        phase = _("Asking {host} for the files of “{model}”", host=endpoint.host,
                  model=reference.repo)  # fmt: skip
        self._job.run(RunFolder(self._scratch), phase, params)

    def _judge(self, offer: Offer) -> None:
        def judge() -> tuple[Badge, list[str]]:
            here = examine_machine(models_folder(), None)
            return here.badge(offer.shape, offer.model_type), offer_lines(offer, here)

        self._tasks.start(
            "judge",
            judge,
            lambda judged: self._show_offer(offer, *judged),
            self.message.say_error,
        )

    def _show_offer(self, offer: Offer, badge: Badge, lines: list[str]) -> None:
        self.access.hide()
        self.offer.show_offer(offer, badge, lines)
        self.offer.download.setFocus()
        bring_into_sight(self.offer)

    def _refused(self, error: UserFacingError) -> None:
        if self._asked is None or not self.show_way(*self._asked, error):
            self.message.say_error(error)
            bring_into_sight(self.message)

    def show_way(self, reference: HubReference, endpoint: Endpoint, error: UserFacingError) -> bool:
        """Show the steps to a model that is not open; return whether there are any."""
        access = access_of(error.code)
        private = error.code == "hub.no_model"
        if access is None and not private:
            return False
        self._asked = (reference, endpoint)
        self.name.setText(reference.repo)
        where = _("Paste it into the field below.")
        steps = steps_to(access, endpoint, reference.repo, where) if access else (Step(error.todo),)
        self.access.show_steps(error.what, steps, wants_token=private or access in _TOKEN_HELPS)
        bring_into_sight(self.access)
        return True

    def _check_again(self, token: str) -> None:
        """Keep the token that was pasted, say where, and ask once more."""
        if self._asked is None:
            return
        endpoint = self._asked[1]
        self.message.hide()
        if not token:
            self._ask_hub()
            return

        def kept(where: str) -> None:
            self.message.say("neutral", where)
            self.access.token.clear()
            self._ask_hub()

        self._tasks.start(
            "token", lambda: keep_token(endpoint, token), kept, self.message.say_error
        )

    def _show_state(self) -> None:
        running = self._job.is_running()
        for widget in (self.name, self.connect_button, self.access.check):
            widget.setEnabled(not running)
        if not running and self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def shut_down(self) -> None:
        """Ask the job to end and let go of it."""
        self._job.cancel()
        self._job.let_go()


def _kept(reference: HubReference) -> Path | None:
    kept = find_kept(reference)
    return kept.folder if kept is not None else None
