"""Pseudonyms of customers: a keyed hash, so that figures can tell customers apart and nobody can tell who they are."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY_VARIABLE = "TICKETSTREAMS_CUSTOMER_KEY"
KEY_FILE_VARIABLE = "TICKETSTREAMS_CUSTOMER_KEY_FILE"

_MIN_KEY_BYTES = 16
_HEX_DIGITS = 32


class CustomerKeyError(ValueError):
    """A key that cannot be used; the message names the variable and the rule."""


def customer_key(environment: Mapping[str, str]) -> bytes:
    """The key that pseudonyms are made with.

    The variable ``TICKETSTREAMS_CUSTOMER_KEY`` holds it, or ``TICKETSTREAMS_CUSTOMER_KEY_FILE`` names a file that does;
    spaces and line ends around it do not count. Without either, a random key: pseudonyms then agree within this
    process only.

    Raises:
        CustomerKeyError: both variables are set, the file cannot be read, or the key is too short.
    """
    text, file = environment.get(KEY_VARIABLE, ""), environment.get(KEY_FILE_VARIABLE, "")
    if text and file:
        message = f"{KEY_VARIABLE} and {KEY_FILE_VARIABLE} are both set: set one of them"
        raise CustomerKeyError(message)
    if not text and not file:
        return secrets.token_bytes(32)
    where = KEY_VARIABLE
    key = text.strip().encode()
    if file:
        where = f"{KEY_FILE_VARIABLE} = {file!r}"
        try:
            key = Path(file).read_bytes().strip()
        except OSError as error:
            message = f"{where}: cannot be read: {error.strerror or error}"
            raise CustomerKeyError(message) from None
    if len(key) < _MIN_KEY_BYTES:
        message = f"{where}: the key must have at least {_MIN_KEY_BYTES} bytes"
        raise CustomerKeyError(message)
    return key


def pseudonymiser(key: bytes) -> Callable[[str], str]:
    """A function from a customer's identity to 32 hexadecimal digits: HMAC-SHA-256 with ``key``, cut to 128 bits."""
    keyed = hmac.new(key, digestmod=hashlib.sha256)

    def pseudonym(identity: str) -> str:
        once = keyed.copy()
        once.update(identity.encode("utf-8", "surrogatepass"))
        return once.hexdigest()[:_HEX_DIGITS]

    return pseudonym
