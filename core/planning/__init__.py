"""Before a run starts: memory, time, cost, presets and advice."""
