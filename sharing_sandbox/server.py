"""gunicorn around the application: one worker, for the messages stand in one file, and a thread a connection."""

import socket
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

# Several workers of the portal may knock at the same moment, and some wait for an answer that never comes.
THREADS = 64
BACKLOG = 128
# Seconds that a connection may be silent.
KEEP_ALIVE = 30


class Server(BaseApplication):
    """Serves what ``make_application`` makes of a question, whether the server is about to stop."""

    def __init__(
        self, listening: socket.socket, make_application: Callable[[Callable[[], bool]], Any]
    ) -> None:
        self._listening, self._make_application = listening, make_application
        self._worker: Any = None
        super().__init__()

    def load_config(self) -> None:
        host, port = self._listening.getsockname()[:2]
        settings = {
            "bind": f"fd://{self._listening.fileno()}",
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEP_ALIVE,
            "graceful_timeout": 5,
            "accesslog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": self._remember,
            "when_ready": lambda _: print(
                f"共享平台沙箱已启动 sharing-platform sandbox: http://{host}:{port}/",
                file=sys.stderr,
                flush=True,
            ),
        }
        assert self.cfg is not None
        for name, value in settings.items():
            self.cfg.set(name, value)

    def _remember(self, arbiter: Any, worker: Any) -> None:
        self._worker = worker

    def load(self) -> Any:
        return self._make_application(lambda: not self._worker.alive)
