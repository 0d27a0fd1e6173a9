"""A whole province rehearsed in simulated time: real services, real sweep, people drawn by lot, and a checker.

``province`` sets up organs, officers, applicants and records; ``people`` draws how they behave; ``applications``
takes their steps through the services; ``running`` moves the clock and calls what beat would call; ``platform``
stands in for the sharing platform; ``journal`` is what was done, from which ``checking`` works out by its own
count of working days what every clock and every escalation must be.

Nothing here is used by the portal itself. A rehearsal runs in a database of its own (``scratch``).
"""
