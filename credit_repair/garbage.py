"""How a process that lives long looks for garbage."""

import gc


def spare_what_is_loaded() -> None:
    """What is loaded lives as long as the process. Looking through it for garbage took a tenth of an officer's page, an eighth of a
    second when all of it was looked through at once, and a tenth of a report's PDF."""
    gc.collect()
    gc.freeze()
