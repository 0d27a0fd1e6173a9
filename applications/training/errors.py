class NotPossible(Exception):
    """It cannot be done as things stand. The message says why, and what to do; nothing was done."""
