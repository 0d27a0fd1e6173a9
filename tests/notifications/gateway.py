"""The SMS gateway as tests meet it: the sandbox, served over loopback HTTP by a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sharing_sandbox.sms import Gateway, Server

KEY = "a key for the gateway"


@contextmanager
def serving(settings) -> Iterator[Gateway]:
    """A gateway that tells nothing by itself: a test tells when."""
    gateway = Gateway(KEY, mode="silent")
    with Server(("127.0.0.1", 0), gateway) as server:
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}"
        settings.SMS_GATEWAY_KEY = KEY
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()


def texts(gateway: Gateway) -> list[str]:
    return [message["text"] for message in gateway.taken.values()]
