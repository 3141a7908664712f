"""Scripts for those who work on Milepost."""
