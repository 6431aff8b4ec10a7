"""Asking a health port as Docker and Prometheus do."""

import urllib.error
import urllib.request


def asked(port: int, path: str) -> tuple[int, str]:
    """Send GET to this path on 127.0.0.1; the answer's status and text. Raises URLError when nothing listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=15) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
