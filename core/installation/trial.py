"""A first try of an engine, in a process of its own, before it is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import UserFacingError
from core.installation.variant import Variant
from core.language import _

_SECONDS = 300.0  # a first import reads gigabytes from the disk
_CODE = (  # not shown: a program
    """
import json, sys
sys.path.insert(0, sys.argv[1])
import torch
seen = {"torch": str(torch.__version__), "cuda": torch.version.cuda or "", "card": ""}
if torch.cuda.is_available():
    (torch.ones(8, 8, device="cuda") @ torch.ones(8, 8, device="cuda")).sum().item()
    seen["card"] = torch.cuda.get_device_name(0)
else:
    assert (torch.ones(8, 8) @ torch.ones(8, 8)).sum().item() == 512
print(json.dumps(seen))
"""
)


class Tried(BaseModel):
    """What PyTorch said of itself; ``card`` is empty where it found none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    torch: str
    cuda: str = ""
    card: str = ""

    def sentence(self) -> str:
        """Return it as one line."""
        if self.card:
            return _("{version}, CUDA {cuda}, {card}", version=self.torch, cuda=self.cuda,
                     card=self.card)  # fmt: skip
        return _("{version}, without a card", version=self.torch)


def try_engine(site: Path, variant: Variant) -> Tried:
    """Import and use the PyTorch in ``site``.

    Raises:
        UserFacingError: it does not work here (code ``engine.does_not_work``).
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CODE, str(site)],
            check=False,
            capture_output=True,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        said = done.stderr.decode("utf-8", "replace")
        tried = Tried.model_validate(json.loads(done.stdout.splitlines()[-1]))
    except (subprocess.TimeoutExpired, ValueError, ValidationError, IndexError) as error:
        details = str(error) if isinstance(error, subprocess.TimeoutExpired) else said
        raise _refused(details) from error
    if variant is not Variant.CPU and not tried.card:
        raise UserFacingError(
            "engine.finds_no_card",
            _("PyTorch was installed, but it does not find the graphics card, so it is not used."),
            _("Update the driver and try again, or install PyTorch for the processor."),
            said,
        )
    return tried


def _refused(details: str) -> UserFacingError:
    return UserFacingError(
        "engine.does_not_work",
        _("PyTorch was installed, but does not start on this computer, so it is not used."),
        _("Try again, or install another build. The details below say why."),
        details[-4000:],
    )
