"""Forms of the KPI room."""
