"""Before a training starts: memory, time, cost, presets and advice."""
