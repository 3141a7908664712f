"""Plugins that come with Milepost: each a folder, found by its entry point, importing only `program.plugin_api`."""
