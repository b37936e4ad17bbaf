"""What the machine is and how it feels: cards, temperatures, energy."""
