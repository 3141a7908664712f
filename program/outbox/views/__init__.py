"""The pages of messages: a person's own (`inbox.py`), and the administrator's of all that went out (`desk.py`)."""
