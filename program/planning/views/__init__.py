"""The pages of planning: one module and one blueprint for each subject."""
