"""Milepost's core: it runs a program from discovery to optimisation and has never heard of Jira or Slack."""
