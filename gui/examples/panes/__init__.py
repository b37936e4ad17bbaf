"""How the page Examples is divided, and what comes in at its drop zone."""
