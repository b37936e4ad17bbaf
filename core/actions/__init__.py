"""What you can do, one function for each: prepare, plan, train, evaluate, export, add to the queue.

Window and terminal call these. An action takes and gives types and prints nothing; the jobs that it
needs are run by its caller (:class:`core.actions.state.RunJob`), because the terminal waits
for a job and shows bars, while a page follows it beside its other work.

``state``: what all of them read and note. ``examples``, ``plans``, ``training`` and ``results``:
the steps, in the order of the wizard.
"""
