"""One mechanism for everything slow: a child process whose run folder is the interface.

``events``: what the child tells. ``link``: the child's end. ``worker``: the child's entry.
``supervisor``: the window's (or terminal's) end.
"""
