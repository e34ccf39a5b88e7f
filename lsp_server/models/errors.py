"""Why a model is not downloaded; each is one clear sentence with its remedy, fit to be shown to the user.

ModelError
└── DownloadError             nothing lies under the model's name; what came so far is kept
    ├── NoNetwork             the hub cannot be reached, or does not answer as a hub does
    ├── NoSuchModelFile       the hub does not have the file, or does not give it to this user
    ├── NoSpace               the disk has too little room
    ├── DamagedDownload       what came is not what the hub has announced
    ├── DownloadRunning       somebody else is downloading the same model
    └── DownloadCancelled     the user has stopped it
"""

from __future__ import annotations

from lsp_server.errors import ModelError


class DownloadError(ModelError):
    """A model is not downloaded."""


class NoNetwork(DownloadError):
    """The hub cannot be reached, or does not answer as a hub does; it may do so later."""


class NoSuchModelFile(DownloadError):
    """The hub does not have the file, or does not give it to this user."""


class NoSpace(DownloadError):
    """The disk has too little room."""


class DamagedDownload(DownloadError):
    """What came is not what the hub has announced."""


class DownloadRunning(DownloadError):
    """Another thread or process is downloading the same model."""


class DownloadCancelled(DownloadError):
    """The caller has asked to stop."""
