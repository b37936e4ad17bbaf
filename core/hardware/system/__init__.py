"""The computer around the cards: memory, disk, energy, sleep, log-out."""
