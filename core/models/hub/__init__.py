"""Models from a hub: found by name or link, judged before the download, fetched, verified, kept.

``reference``: what was meant. ``connection``: the one way out. ``listing``: what a model consists
of. ``headers``: what it needs, from a few kilobytes. ``offer``: both as a job. ``download``: the
job that fetches. ``transfer``: one file of it. ``tokens`` and ``gated``: the way to models with
terms. ``store``: where downloads are kept. ``local``: what is on this computer. ``inventory``: what
takes how much room.

Nothing here connects on import, and ``huggingface_hub`` is imported inside functions only.
"""
