"""A plugin that ends the process when it is imported, if one lets it."""

import sys

sys.exit("goodbye")
