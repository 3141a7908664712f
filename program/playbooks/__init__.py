"""Playbooks: the catalogue of ready plans (phases, checklists, gates) that a program is made from.

A playbook is data, never code: one YAML file with its texts in English and Polish. `loader` reads and checks one,
`writer` writes one, `model` says what it is made of, `roles` names who usually does what and `skills` what they have
to be able to do. Nothing here knows a date, a person or a database: dates are worked out in `program.planning` when
somebody makes a program from a playbook.
"""
