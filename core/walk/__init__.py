"""The steps of the wizard as functions: each runs its job and notes the result in the wizard state.

The terminal commands call these; the window runs the same jobs and keeps the same state.

``state``: what all of them read and note. ``examples``, ``plans``, ``training`` and ``results``:
the steps, in the order of the wizard.
"""
