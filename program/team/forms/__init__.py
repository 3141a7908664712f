"""Forms of the team room, one module per subject."""
