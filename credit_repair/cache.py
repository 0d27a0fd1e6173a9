"""The cache of the embedded mode: files that several processes may count in."""

import fcntl
import os
import pickle
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.cache.backends.filebased import FileBasedCache


class CountingFileCache(FileBasedCache):
    """Django's cache of files, with one reader or writer at a time.

    Django's own looks whether a key is there and writes it then, and reads a number and writes the next one then:
    of two processes that count at once one is forgotten, and a limit lets more through than it says. It also makes
    room by removing entries at random; here those that are over go first.
    """

    # Of Django's class, which its type stubs do not name.
    _dir: str
    _createdir: Callable[[], None]
    _key_to_file: Callable[[str, int | None], str]
    _is_expired: Callable[[IO[bytes]], bool]
    _list_cache_files: Callable[[], list[str]]

    _held = False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Django keeps one cache object a thread, and each opens the lock for itself: threads exclude each other too."""
        if self._held:
            yield
            return
        self._createdir()
        with open(os.path.join(self._dir, "lock"), "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def add(self, *args: Any, **kwargs: Any) -> bool:
        with self._alone():
            return super().add(*args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        with self._alone():
            return super().get(*args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        with self._alone():
            super().set(*args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        with self._alone():
            return super().touch(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        with self._alone():
            return super().delete(*args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        with self._alone():
            return super().has_key(*args, **kwargs)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count up, and leave the end of the key's life where it is. ValueError: there is no such key."""
        with self._alone():
            try:
                with open(self._key_to_file(key, version), "r+b") as file:
                    if self._is_expired(file):
                        raise ValueError(f"Key '{key}' not found")
                    start = file.tell()
                    value: int = pickle.loads(zlib.decompress(file.read())) + delta
                    file.seek(start)
                    file.write(zlib.compress(pickle.dumps(value, self.pickle_protocol)))
                    file.truncate()
            except FileNotFoundError:
                raise ValueError(f"Key '{key}' not found") from None
            return value

    def _cull(self) -> None:
        entries = self._list_cache_files()
        if len(entries) < self._max_entries:
            return
        for path in entries:
            with open(path, "rb") as file:
                self._is_expired(file)
        super()._cull()  # type: ignore[misc]
