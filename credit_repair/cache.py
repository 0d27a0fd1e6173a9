"""The cache of the embedded mode: files that several processes may count in."""

import fcntl
import os
import pickle
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

SECONDS_BETWEEN_CULLS = 60


class CountingFileCache(FileBasedCache):
    """Django's cache of files, with one writer at a time of each key; readers wait for nobody.

    Django's own looks whether a key is there and writes it then, and reads a number and writes the next one then:
    of two processes that count at once one is forgotten, and a limit lets more through than it says. It also makes
    room by removing entries at random; here those that are over go first.

    An entry is only ever replaced as a whole, and what is over is only removed under the lock: so a reader needs
    none, and nobody removes what somebody else has just written.
    """

    # Of Django's class, which its type stubs do not name.
    _dir: str
    _createdir: Callable[[], None]
    _key_to_file: Callable[[str, int | None], str]
    _write_content: Callable[[IO[bytes], Any, Any], None]
    _delete: Callable[[str], None]
    _list_cache_files: Callable[[], list[str]]

    @contextmanager
    def _alone(self, path: str) -> Iterator[None]:
        """One of 256 locks, by the first two digits of the key's digest. Each use opens it for itself, so threads
        exclude each other too."""
        with self._open_lock(os.path.basename(path)[:2]) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _open_lock(self, name: str) -> IO[bytes]:
        self._createdir()
        return open(os.path.join(self._dir, f"{name}.lock"), "ab")

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            with open(self._key_to_file(key, version), "rb") as file:
                if not _is_over(_end(file)):
                    return pickle.loads(zlib.decompress(file.read()))
        except FileNotFoundError:
            pass
        return default

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._lives(self._key_to_file(key, version))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        path = self._key_to_file(key, version)
        return not self._lives(path) and self._write(path, value, timeout, only_new=True)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._write(self._key_to_file(key, version), value, timeout)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        path = self._key_to_file(key, version)
        with self._alone(path):
            if not self._lives(path):
                return False
            with self._replacement(path) as file:
                self._write_content(file, timeout, self.get(key, version=version))
        return True

    def delete(self, key: str, version: int | None = None) -> bool:
        path = self._key_to_file(key, version)
        with self._alone(path), suppress(FileNotFoundError):
            os.remove(path)
            return True
        return False

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count up, and leave the end of the key's life where it is. ValueError: there is no such key."""
        path = self._key_to_file(key, version)
        with self._alone(path):
            try:
                with open(path, "rb") as file:
                    end = _end(file)
                    if _is_over(end):
                        raise ValueError(f"Key '{key}' not found")
                    value: int = pickle.loads(zlib.decompress(file.read())) + delta
            except FileNotFoundError:
                raise ValueError(f"Key '{key}' not found") from None
            with self._replacement(path) as file:
                file.write(pickle.dumps(end, self.pickle_protocol))
                file.write(zlib.compress(pickle.dumps(value, self.pickle_protocol)))
        return value

    def _write(self, path: str, value: Any, timeout: Any, *, only_new: bool = False) -> bool:
        self._make_room()
        self._createdir()
        # Pickled before the lock is taken: only the exchange is done under it.
        partial = self._partial()
        try:
            with open(partial, "wb") as file:
                self._write_content(file, timeout, value)
            with self._alone(path):
                if only_new and self._lives(path):
                    return False
                os.replace(partial, path)
                return True
        finally:
            Path(partial).unlink(missing_ok=True)

    @contextmanager
    def _replacement(self, path: str) -> Iterator[IO[bytes]]:
        """What is written here takes the place of the entry. Under its lock."""
        partial = self._partial()
        try:
            with open(partial, "wb") as file:
                yield file
            os.replace(partial, path)
        finally:
            Path(partial).unlink(missing_ok=True)

    def _partial(self) -> str:
        number, partial = tempfile.mkstemp(dir=self._dir)
        os.close(number)
        return partial

    def _lives(self, path: str) -> bool:
        try:
            with open(path, "rb") as file:
                return not _is_over(_end(file))
        except FileNotFoundError:
            return False

    def _make_room(self) -> None:
        """At most once a minute, by one process, and while nobody waits for it."""
        with self._open_lock("cull") as lock:
            marked = os.fstat(lock.fileno())
            if marked.st_size and abs(time.time() - marked.st_mtime) < SECONDS_BETWEEN_CULLS:
                return
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not marked.st_size:
                    lock.write(b"begun")
                    lock.flush()
                os.utime(lock.fileno(), (time.time(), time.time()))
                self._cull()

    def _cull(self) -> None:
        entries = self._list_cache_files()
        if len(entries) < self._max_entries:
            return
        for path in entries:
            if not self._lives(path):
                with self._alone(path):
                    if not self._lives(path):
                        self._delete(path)
        super()._cull()  # type: ignore[misc]


def _end(file: IO[bytes]) -> float | None:
    """When the entry is over, in seconds of the epoch; None: never. Leaves the file where the value begins."""
    end: float | None = pickle.load(file)
    return end


def _is_over(end: float | None) -> bool:
    return end is not None and end < time.time()
