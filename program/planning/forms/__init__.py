"""The forms of planning, one module for each subject."""
