"""Messages to people and their fate: what there is to say, to whom, which way it went, and what became of it."""
