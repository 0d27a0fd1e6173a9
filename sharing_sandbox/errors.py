from dataclasses import dataclass
from http import HTTPStatus


@dataclass
class Rejected(Exception):
    """A request that the platform does not take, as the interface describes errors."""

    status: HTTPStatus
    error: str
    message: str
    field: str | None = None
    # Whether the request's body was left unread: then the connection cannot carry another request.
    close: bool = False

    def as_json(self) -> dict[str, str | None]:
        return {"error": self.error, "field": self.field, "message": self.message}
