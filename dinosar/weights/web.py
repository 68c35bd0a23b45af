"""Asking web servers, with the proxies that the environment names and every certificate that can be had."""

import ssl
import urllib.request
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

PROBLEMS = (OSError, HTTPException, ValueError)
"""What asking may raise: no network, a server that talks nonsense, an address that is none."""


def ask(url: str, method: str = "GET", *, follow: bool = True, seconds: float = 20.0) -> Any:
    """The answer of a server; an answer that is an error is raised as `urllib.error.HTTPError`.

    With `follow` off, a server that points elsewhere is not followed but raised, too.
    """
    handlers: list[Any] = [urllib.request.HTTPSHandler(context=_trusted())]
    if not follow:
        handlers.append(_Stay())
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"'{url}' is not the address of a web server")
    request = urllib.request.Request(url, method=method, headers={"User-Agent": "dinosar"})
    return urllib.request.build_opener(*handlers).open(request, timeout=seconds)


def told(problem: BaseException) -> str:
    """What went wrong, in a few words; a connection that came with the problem is let go."""
    if isinstance(problem, HTTPError):
        problem.close()
    code = getattr(problem, "code", None)
    if code:
        return f"answered {code} ({getattr(problem, 'reason', '')})".replace(" ()", "")
    reason = getattr(problem, "reason", problem)
    words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"cannot be reached: {str(words).splitlines()[0]}"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nobody."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Message, newurl: str) -> None:
        """No new request."""


def _trusted() -> ssl.SSLContext:
    """The system's certificates, and those that come with Python packages where the system has none."""
    context = ssl.create_default_context()
    try:
        import certifi

        context.load_verify_locations(certifi.where())
    except (ImportError, OSError):
        return context  # the system's have to do
    return context
