"""The KPI room: figures against baseline and target, one index of how customers fare, and the weekly review.

`models` says what is remembered; every figure is an exact decimal (`exact.py`). `periods`, `judging`, `limits` and
`weighing` are its rules as pure functions; `readings` are the verbs for figures and `writing` what they share;
`standings` tells how all KPIs stand. Team, change, pulse and kpis are neighbours and never import each other.
"""

from program.kpis.views.wiring import init_app

__all__ = ["init_app"]
