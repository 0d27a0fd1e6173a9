class FileRefused(Exception):
    """The file as a whole cannot be imported; the message is one Chinese sentence with the remedy."""


class NotNow(FileRefused):
    """Others write what the import has to write too; the same file can be imported in a few minutes."""


class TooManyRows(FileRefused):
    """The file has more rows than it may."""


class TooCostly(FileRefused):
    """Reading the file takes more than files of so many rows may; with more rows it might be taken."""


class Fault(Exception):
    """One cell cannot be used; the message says why and what belongs there."""
