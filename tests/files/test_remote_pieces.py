"""A file on its way to the store: never whole in memory."""

from __future__ import annotations

import io
import os
from tempfile import SpooledTemporaryFile

import pytest
from botocore.response import StreamingBody
from django.core.files import File
from storages.backends.s3 import S3Storage

from applications.files.remote import PIECE, RemoteFiles, _decrypted


class Watched(io.BytesIO):
    def read(self, size=-1):
        assert size is not None and 0 < size <= PIECE, "read as a whole"
        return super().read(size)


class Sealing(SpooledTemporaryFile):
    """Remembers how much of it was in memory at most."""

    most = 0

    def write(self, piece):
        written = super().write(piece)
        if not self._rolled:
            Sealing.most = max(Sealing.most, self.tell())
        return written


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17])
def test_it_is_read_and_sealed_piece_by_piece(monkeypatch, size):
    content, sent = os.urandom(size), []

    def save(storage, name, sealed):
        sealed.seek(0)
        sent.append((sealed.read(), sealed.file._rolled))
        return name

    monkeypatch.setattr(S3Storage, "_save", save)
    monkeypatch.setattr("applications.files.remote.SpooledTemporaryFile", Sealing)
    monkeypatch.setattr(Sealing, "most", 0)
    store = RemoteFiles(bucket_name="b", access_key="k", secret_key="s", region_name="us-east-1")
    assert store._save("a.pdf", File(Watched(content))) == "a.pdf"
    ((sealed, on_disk),) = sent
    body = StreamingBody(io.BytesIO(sealed), len(sealed))
    assert b"".join(_decrypted("a.pdf", body)) == content
    assert on_disk == (size > 2 * PIECE)
    assert Sealing.most <= 2 * PIECE
