"""Whom a connection trusts, and whether it goes through a proxy."""

from __future__ import annotations

import ipaddress
import ssl
from typing import Any


class LazyTrust(ssl.SSLContext):
    """Certificates are loaded with the first TLS connection: a server on plain http needs none, and start-up waits."""

    _loaded = False

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self._load()
        return super().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        self._load()
        return super().wrap_bio(*args, **kwargs)

    def _load(self) -> None:
        if not self._loaded:
            import certifi

            self.load_default_certs()  # the system's, or those of SSL_CERT_FILE and SSL_CERT_DIR
            if not self.cert_store_stats()["x509_ca"]:
                self.load_verify_locations(certifi.where())
            self._loaded = True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which no proxy reaches."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
