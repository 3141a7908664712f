"""All that a plugin may import: `contract.py` (hooks, frozen data, errors) and `core.py` (the core, as plugins see it).

The other modules are what these two are made of.
"""
