"""What a run saves to resume from, and the room that it needs."""
