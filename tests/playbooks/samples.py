"""A small playbook without a fault, for tests that put one in."""

GOOD = """\
key: small
name: {en: Small, pl: Mały}
phases:
  - key: start
    name: {en: Start, pl: Początek}
    weeks: 4
    blocks:
      - {key: early, name: {en: Early, pl: Wczesny}, week: 1-2}
    items:
      - key: first
        title: {en: First, pl: Pierwszy}
        week: 1-2
      - key: second
        title: {en: Second, pl: Drugi}
        week: 3
        after: [first]
    gate:
      key: gate
      name: {en: Gate, pl: Bramka}
      criteria:
        - {key: calm, text: {en: Calm, pl: Spokój}}
"""
