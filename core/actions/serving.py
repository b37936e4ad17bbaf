"""Fine-tunes in daily use: they answer programs of this computer, and learn from what you said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core import wizard
from core.actions.state import dataset_folder, named_run
from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.generation.spec import BASE
from core.language import _
from core.library.fine_tunes import list_fine_tunes
from core.models.whereabouts import find_base
from core.project import Project
from core.serving import DEFAULT_PORT, IDLE_MINUTES
from core.serving.client import ModelProcess
from core.serving.messages import Status
from core.serving.need import ServingNeed, computing_now, require_room, serving_need
from core.serving.server import LocalServer
from core.serving.shared import offer as offer_to_others
from core.serving.shared import withdraw
from core.serving.token import server_token
from core.serving.use.comparison import drawn_for
from core.serving.use.corrections import Learned, learn_from_use
from core.serving.use.record import Recorder
from core.training.result import read_trained

_LOOK_SECONDS = 10.0
_AT_ONCE = 8  # fine-tunes that are loaded


def _nobody(*_heard: object) -> None:
    return


@dataclass(frozen=True, slots=True)
class ServingOffer:
    """What would answer, and what it takes.

    Attributes:
        base: the folder of the base model.
        runs: the fine-tunes; they are asked by these names, the base by ``base``.
    """

    project: Project
    base: Path
    runs: tuple[str, ...]
    need: ServingNeed

    @property
    def names(self) -> tuple[str, ...]:
        """What can be asked."""
        return (BASE, *self.runs)


def look_at_serving(project: Project, runs: Sequence[str] = ()) -> ServingOffer:
    """Return what these fine-tunes (or the newest one) take; not for the window's thread.

    Raises:
        UserFacingError: a run has no result, or two have different base models (code
            ``serving.other_base``).
    """
    names = tuple(dict.fromkeys(runs)) or (_newest(project),)
    wanted = {read_trained(project.run(name)).base_model for name in names}
    if len(wanted) > 1:
        raise UserFacingError(
            "serving.other_base",
            _("These fine-tunes do not have the same base model."),
            _("Choose fine-tunes of one base model."),
        )
    base = find_base(project, wanted.pop())
    return ServingOffer(project, base, names, serving_need(project, base, names))


def runs_to_serve(project: Project) -> tuple[str, ...]:
    """Return the newest fine-tune and the others of its base model, a few at most."""
    tunes = list_fine_tunes([project.root])
    same = [tune.run.name for tune in tunes if tune.base_model == tunes[0].base_model]
    return tuple(same[:_AT_ONCE])


def _newest(project: Project) -> str:
    found = list_fine_tunes([project.root])
    return found[0].run.name if found else named_run(project, "").name


class _GiveWay:
    """Lets the model go when a run begins to compute on the card that it lies on."""

    def __init__(self, offer: ServingOffer, model: ModelProcess) -> None:
        self._offer, self._model = offer, model
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="give-way", daemon=True)
        if offer.need.device == "gpu":
            self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            idle = self._model.state == "ready" and not self._model.in_progress
            if idle and computing_now(self._offer.project) is not None:
                self._model.close()

    def close(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()


class Serving:
    """A server that answers, with its model; made by :func:`serve`."""

    def __init__(
        self, offer: ServingOffer, model: ModelProcess, server: LocalServer, record: Recorder
    ) -> None:
        self.offer, self.model, self.server, self._record = offer, model, server, record
        self._give_way = _GiveWay(offer, model)

    @property
    def address(self) -> str:
        """The base URL that programs are given."""
        return self.server.address

    @property
    def token(self) -> str:
        """The key that programs send."""
        return server_token()

    def close(self) -> None:
        """Answer no more, and let the model go."""
        withdraw(self.model)
        self._give_way.close()
        self.server.close()
        self.model.close()
        self._record.close()


def serve(
    offer: ServingOffer,
    *,
    port: int = DEFAULT_PORT,
    idle_seconds: float = 60 * IDLE_MINUTES,
    told: Callable[[Status], None] = _nobody,
) -> Serving:
    """Begin to answer; the model is loaded at the first question, and what ends is recorded.

    Args:
        idle_seconds: the model is let go when nothing is asked for this long, and loaded again at
            the next question; 0 keeps it.
        told: hears of the model's states, in a thread of its own.

    Raises:
        UserFacingError: there is no room for the model, a run uses the card, or another program
            uses the port.
    """
    require_room(offer.project, offer.need)
    server_token()  # where it cannot be kept, nothing is opened
    model = ModelProcess(
        offer.project.root, offer.base, offer.runs, told=told, idle_seconds=idle_seconds
    )
    record = Recorder(offer.project)
    try:
        server = LocalServer(
            model,
            offer.names,
            port=port,
            finished=record.finished,
            draw=lambda request: drawn_for(offer.project, request),
        )
    except BaseException:
        record.close()
        raise
    offer_to_others(model)
    return Serving(offer, model, server, record)


def learn(project: Project) -> Learned:
    """Make reviewed answers of daily use examples of the next dataset version, and use that one.

    Raises:
        UserFacingError: the project has no examples yet, they are damaged, or the disk refuses.
    """
    version = DatasetVersion.load(dataset_folder(project))
    learned = learn_from_use(project, version)
    if learned.added:
        state = wizard.load_state(project)
        wizard.save_state(project, wizard.give(state, dataset_version=learned.version.content_hash))
    return learned
