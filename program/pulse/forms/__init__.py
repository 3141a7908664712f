"""Forms of the pulse, by subject."""
