"""The KPI room."""
