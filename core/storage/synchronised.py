"""Folders that another program copies to a cloud while they are written.

It holds files open in the middle of a save, uploads checkpoints of gigabytes, and may give back an
older state. So projects are not put there unless you choose it.
"""

from __future__ import annotations

import os
from pathlib import Path

# Variables in which OneDrive names its folders.
_ONEDRIVE = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
# Names of folders as the programs make them, in lower case.
_NAMES = {
    "dropbox": "Dropbox",
    "google drive": "Google Drive",  # not shown: names
    "googledrive": "Google Drive",  # not shown: names
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pclouddrive": "pCloud",
    "seafile": "Seafile",
    "synologydrive": "Synology Drive",  # not shown: names
    "icloud drive": "iCloud",  # not shown: names
    "iclouddrive": "iCloud",
}
# What the programs leave in the folder that they copy.
_MARKS = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".owncloudsync.log": "ownCloud",
    ".nextcloudsync.log": "Nextcloud",
}
_MAC = {"CloudStorage": "iCloud", "Mobile Documents": "iCloud"}  # not shown: names of folders
_LIBRARY = "Library"


def synchronised_by(folder: Path) -> str:
    """Return the program that copies a folder to a cloud, ``""`` for none; it need not exist."""
    folder = folder.absolute()
    for name in _ONEDRIVE:
        root = os.environ.get(name, "")
        if root and folder.is_relative_to(root):
            return "OneDrive"
    for inner in (folder, *folder.parents):
        if found := _by_name(inner) or _by_mark(inner):
            return found
    return ""


def _by_name(folder: Path) -> str:
    name = folder.name
    if name == "OneDrive" or name.startswith("OneDrive - "):
        return "OneDrive"
    if folder.parent.name == _LIBRARY and name in _MAC:
        return _MAC[name]
    return _NAMES.get(name.lower(), "")


def _by_mark(folder: Path) -> str:
    for mark, program in _MARKS.items():
        try:
            if (folder / mark).exists():
                return program
        except OSError:  # a folder that may not be looked into says nothing
            continue
    return ""
