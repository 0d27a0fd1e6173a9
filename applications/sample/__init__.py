"""A province that does not exist, for demonstration and tests: organs, people, subjects, records and cases.

Everything follows from a seed and from the day that is taken as today, so the sample is the same on every
machine, and always has records that can be repaired now. That is why it is generated when it is loaded and
not read from files whose dates would grow old; ``sample/`` holds what it looked like on one day.
"""
