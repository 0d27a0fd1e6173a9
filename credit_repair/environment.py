"""Reading the environment: each value is what it should be, or the start is refused with a sentence that names it."""

import os
import re
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ON, OFF = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


def env(name: str, default: str = "") -> str:
    """The value of a variable; an empty one counts as not set."""
    return os.environ.get(name) or default


def env_or_file(name: str) -> str:
    """A value that is better not in the environment: of NAME, or what the file holds that NAME_FILE names.

    The end of a line at the end of the file does not count. ImproperlyConfigured: both are set, or the file cannot be
    read or holds nothing.
    """
    value, path = env(name), env(f"{name}_FILE")
    if not path:
        return value
    if value:
        raise ImproperlyConfigured(f"环境变量 {name} 和 {name}_FILE 只能设置一个，请删去其中一个。")
    try:
        content = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "不是 UTF-8 文字"
        raise ImproperlyConfigured(
            f"环境变量 {name}_FILE 指向的文件 {path} 无法读取（{reason}），请核对路径和权限。"
        ) from None
    if not content:
        raise ImproperlyConfigured(f"环境变量 {name}_FILE 指向的文件 {path} 是空的，请写入内容。")
    return content


def env_flag(name: str, default: bool) -> bool:
    """A switch. ImproperlyConfigured for a word that is neither on nor off: ``ture`` must not mean off."""
    value = env(name).lower()
    if value not in ON | OFF | {""}:
        raise ImproperlyConfigured(
            f"环境变量 {name} 应是 1、true、yes、on（开）或者 0、false、no、off（关），而不是“{env(name)}”。"
        )
    return value in ON if value else default


def env_number(name: str, default: int) -> int:
    """A whole number from 0 on. ImproperlyConfigured for anything else."""
    value = env(name, str(default))
    if not (value.isascii() and value.isdecimal() and len(value) <= 9):
        raise ImproperlyConfigured(f"环境变量 {name} 应是不带符号的整数，例如 {default}，而不是“{value}”。")
    return int(value)


def env_address(name: str) -> str:
    """A socket, as an absolute path or as host:port; empty where it is not set. ImproperlyConfigured for anything else."""
    value = env(name)
    if value and not re.fullmatch(r"/.+|[^/:\s]+:[0-9]{1,5}", value):
        raise ImproperlyConfigured(
            f"环境变量 {name} 应是套接字的绝对路径或者 主机:端口，例如 127.0.0.1:3310，而不是“{value}”。"
        )
    return value


def sms_gateway() -> tuple[str, str]:
    """Address of the SMS gateway, without a slash at its end, and the key agreed with it; both empty where there is none.
    ImproperlyConfigured: no address, or no key to it."""
    url, key = env("SMS_GATEWAY_URL").rstrip("/"), env_or_file("SMS_GATEWAY_KEY")
    if url and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[\w./-]*)?", url):
        raise ImproperlyConfigured(
            f"环境变量 SMS_GATEWAY_URL 应是完整的地址，例如 https://sms.example.gov.cn，而不是“{url}”。"
        )
    if url and not key:
        raise ImproperlyConfigured(
            "设置了 SMS_GATEWAY_URL，请同时用 SMS_GATEWAY_KEY 给出与短信网关约定的签名密钥。"
        )
    return url, key


def real_name(*, issuer: str, client_id: str, client_secret: str, **more: str) -> dict[str, str]:
    """The real-name provider, empty without one. ImproperlyConfigured for half of it, and for an address that is not safe."""
    needed = {
        "REAL_NAME_ISSUER": issuer,
        "REAL_NAME_CLIENT_ID": client_id,
        "REAL_NAME_CLIENT_SECRET": client_secret,
    }
    if not any(needed.values()):
        return {}
    for name, value in needed.items():
        if not value:
            raise ImproperlyConfigured(f"环境变量 {name} 未设置：实名认证要同时设置地址、应用编号和密钥。")
    if not re.fullmatch(
        r"https://[^\s/?#]+(/[^\s?#]*)?|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#]*)?", issuer
    ):
        raise ImproperlyConfigured(
            f"环境变量 REAL_NAME_ISSUER 应是实名认证机构以 https:// 开头的地址，而不是“{issuer}”。"
        )
    return {"issuer": issuer, "client_id": client_id, "client_secret": client_secret, **more}


def secret(name: str, own: Path | None) -> str:
    """A key: the given one, or one that the installation makes itself on its first start and keeps in the folder ``own``.

    ImproperlyConfigured: none is given, and there is no such folder.
    """
    if value := env_or_file(name):
        return value
    if own is None:
        raise ImproperlyConfigured(f"环境变量 {name} 未设置：服务模式必须由部署者提供密钥，系统不设默认值。")
    path = own / name.lower()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(secrets.token_urlsafe(48))
        partial.chmod(0o600)
        try:
            # Of two that start at once one is first, and both take its key.
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_text()


def rotation(field_key: str) -> tuple[list[str], str, list[str]]:
    """The earlier keys of what is kept encrypted; the key of the digests, and its earlier ones. ImproperlyConfigured: digests would
    lose their key with the change."""
    old, digest, digest_old = (
        env_or_file("FIELD_KEY_OLD"),
        env_or_file("DIGEST_KEY"),
        env_or_file("DIGEST_KEY_OLD"),
    )
    if (old or digest_old) and not digest:
        raise ImproperlyConfigured(
            "设置了 FIELD_KEY_OLD 或者 DIGEST_KEY_OLD，请同时设置 DIGEST_KEY：从未更换过密钥的，填写更换以前的 FIELD_KEY，"
            "否则再也找不到已经登记的证件号码。"
        )
    return _several(old), digest or field_key, _several(digest_old)


def _several(value: str) -> list[str]:
    return [each for part in value.split(",") if (each := part.strip())]


def signing_module() -> tuple[str, str, str]:
    """The library of a hardware module for the organs' keys (PKCS#11), the label of its token and the file with its PIN; all empty
    where there is none. ImproperlyConfigured: one without the others, or a file that is not there."""
    library, token, pin_file = env("SIGNING_MODULE"), env("SIGNING_TOKEN"), env("SIGNING_PIN_FILE")
    if any((library, token, pin_file)) and not all((library, token, pin_file)):
        raise ImproperlyConfigured(
            "环境变量 SIGNING_MODULE、SIGNING_TOKEN 和 SIGNING_PIN_FILE 应同时设置，或者都不设置。"
        )
    for name, file in (("SIGNING_MODULE", library), ("SIGNING_PIN_FILE", pin_file)):
        if file and not Path(file).is_file():
            raise ImproperlyConfigured(f"环境变量 {name} 指向的文件 {file} 不存在。")
    return library, token, pin_file


def signing(data_dir: Path) -> tuple[str, str, str]:
    """The folder of the organs' keys; the address of a time-stamping authority, and the PEM file with its certificate and those
    of earlier ones, both empty where there is none. ImproperlyConfigured: an address without certificates."""
    folder, url, certificates = (
        env("SIGNING_DIR", str(data_dir / "signing")),
        env("TSA_URL"),
        env("TSA_CERTIFICATES"),
    )
    if url and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[\w./-]*)?", url):
        raise ImproperlyConfigured(
            f"环境变量 TSA_URL 应是完整的地址，例如 http://tsa.example.gov.cn/tsr，而不是“{url}”。"
        )
    if url and not certificates:
        raise ImproperlyConfigured(
            "设置了 TSA_URL，请同时用 TSA_CERTIFICATES 给出时间戳服务机构证书的 PEM 文件。"
        )
    if certificates and not Path(certificates).is_file():
        raise ImproperlyConfigured(f"环境变量 TSA_CERTIFICATES 指向的文件 {certificates} 不存在。")
    return folder, url, certificates
