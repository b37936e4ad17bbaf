"""The commands of the terminal, one module for each group of them.

Each module adds its commands to the parser with ``add_commands``. What several of them can be told
is in ``options``, ``base`` and ``reading``.
"""
