"""Which certificates a connection trusts."""

from __future__ import annotations

import os
import ssl
from typing import Any


class LazyTrust(ssl.SSLContext):
    """Certificates are loaded with the first TLS connection: a server on plain http needs none, and start-up waits.

    They are those of SSL_CERT_FILE and SSL_CERT_DIR where one of them is set, and then no others; else the system's,
    or certifi's where it has none.
    """

    _loaded = False

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self._load()
        return super().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        self._load()
        return super().wrap_bio(*args, **kwargs)

    def _load(self) -> None:
        if self._loaded:
            return
        file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        if file or folder:
            self._load_only(file, folder)
        else:
            import certifi

            self.load_default_certs()
            if not self.cert_store_stats()["x509_ca"]:
                self.load_verify_locations(certifi.where())
        self._loaded = True

    def _load_only(self, file: str | None, folder: str | None) -> None:
        """Raises `SSLError` that names the variable at fault."""
        if folder and not os.path.isdir(folder):
            raise ssl.SSLError(ssl.SSL_ERROR_SSL, f"SSL_CERT_DIR is no folder: {folder}")
        try:
            self.load_verify_locations(file or None, folder or None)
        except OSError as error:  # an SSLError, too, where the file holds no certificate
            words = f"no certificates in SSL_CERT_FILE {file}: {error.strerror or error}"
            raise ssl.SSLError(ssl.SSL_ERROR_SSL, words) from None
