"""Forms of the steering room, one module per subject."""
