"""Playbooks: the catalogue of program templates, as data, and the loader that refuses what is wrong."""
