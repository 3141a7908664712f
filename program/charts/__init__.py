"""Charts: pure functions from numbers to Vega-Lite descriptions, and those drawn as SVG or PNG."""
