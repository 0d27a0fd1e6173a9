"""Uploads that are made to cost or to harm, each with the word of its outcome. They are made when they are asked for."""

from tests.files import hostile_papers, hostile_pictures
from tests.files.hostile_words import HOSTILE, TAKEN

__all__ = ["HOSTILE", "TAKEN", "hostile_papers", "hostile_pictures"]
