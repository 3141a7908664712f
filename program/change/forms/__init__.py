"""The forms of the change room: one module per subject."""
