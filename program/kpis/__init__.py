"""The KPI room: figures against baseline and target, one index of how customers fare, and the weekly review.

`models` says what is remembered; every figure is an exact decimal (`exact.py`). Team, change, pulse and kpis are
neighbours and never import each other.
"""
