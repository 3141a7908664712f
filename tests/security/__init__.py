"""What holds for every address of the app, those that land later included."""
