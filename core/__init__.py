"""Everything Homelab Tuner does, without a window.

The folders are the stages of the wizard, in its order: ``data`` → ``models`` → ``planning`` (with
``hardware``) → ``training`` → ``evaluation`` → ``export``. ``jobs`` runs the slow stages in a child
process. Nothing in here imports PySide6 or ``gui``.
"""

__version__ = "0.1.0"
