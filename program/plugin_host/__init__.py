"""The host of plugins: finds, loads, sets up and calls them, each on its own, and reports on them."""
