"""python -m sharing_sandbox --port 8010: serves the sharing platform's interface until it is stopped."""

import argparse
import os
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from sharing_sandbox.application import Sandbox
from sharing_sandbox.faults import read_fault
from sharing_sandbox.interface import INTERFACE, Interface
from sharing_sandbox.server import BACKLOG, Server
from sharing_sandbox.store import Store

DATA_DIR = Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / "var")


class Failure(Exception):
    """The sandbox cannot start; the message says why and what to do."""


def find_key(given: str | None) -> str:
    """The key agreed with the portal: as an argument, in the environment, or where the embedded portal keeps it."""
    key = given or os.environ.get("PLATFORM_KEY")
    path = DATA_DIR / "secrets" / "platform_key"
    if not key and path.is_file():
        key = path.read_text()
    if not key:
        raise Failure(f"没有签名密钥：请用 --key 或环境变量 PLATFORM_KEY 给出，或者先启动门户以生成 {path}。")
    return key


def serve(options: argparse.Namespace) -> None:
    key = find_key(options.key)
    try:
        fault = read_fault(options.fault)
    except ValueError as error:
        raise Failure(f"{error}。") from None
    if not 0 <= options.port <= 65535:
        raise Failure(f"--port 应在 0 到 65535 之间，收到的是 {options.port}。")
    try:
        interface = Interface(options.interface)
    except (OSError, yaml.YAMLError) as error:
        raise Failure(f"无法读取接口文件 {options.interface}：{error}") from None
    try:
        Store(options.data).close()
    except (OSError, sqlite3.Error) as error:
        raise Failure(f"无法使用数据目录 {options.data}：{error}") from None
    try:
        listening = socket.create_server((options.host, options.port), backlog=BACKLOG)
    except OSError as error:
        raise Failure(f"无法监听 {options.host}:{options.port}：{error.strerror}。请换一个端口。") from None

    def application(stopping: Callable[[], bool]) -> Sandbox:
        # In the worker: a connection to SQLite does not survive a fork.
        store = Store(options.data)
        return Sandbox(key=key, store=store, interface=interface, fault=fault, stopping=stopping)

    Server(listening, application).run()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sharing_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8010, help="0: any free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--data", type=Path, default=DATA_DIR / "sandbox", help="where it keeps what it received"
    )
    parser.add_argument("--key", help="signature key; else PLATFORM_KEY, else the embedded portal's")
    parser.add_argument(
        "--fault", default="none", help="misbehave: 500, lost, timeout, garbage, slow, flaky:SEED"
    )
    parser.add_argument("--interface", type=Path, default=INTERFACE, help="OpenAPI file to validate against")
    try:
        serve(parser.parse_args())
    except Failure as failure:
        print(f"错误：{failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
