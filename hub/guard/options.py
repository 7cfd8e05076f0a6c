"""What the guard is told beside the settings that all parts share."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from hub.settings import GuardSettings, Reader, SettingsFaulty

_MB = 1_000_000


@dataclass(frozen=True)
class Options:
    """`address`: where the public port is bound. `certificate`, `key`: PEM files, both or neither.
    `output_bytes`: what one sandbox may send to its person's browser within a minute.
    `per_address`: connections one address may hold; more where something in front of the guard ends TLS for all."""

    settings: GuardSettings
    address: str
    certificate: Path | None
    key: Path | None
    output_bytes: int
    per_address: int = 256

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsFaulty."""
        settings = GuardSettings.from_environment(environment)
        read = Reader(environment)
        output = read.whole("AMANAT_OUTPUT_MB_PER_MINUTE", least=1, most=10_000, default=20)
        per_address = read.whole("AMANAT_CONNECTIONS_PER_ADDRESS", least=8, most=2048, default=256)
        read.check()
        files = [Path(name) if (name := environment.get(f"AMANAT_TLS_{part}")) else None for part in ("CERT", "KEY")]
        if (files[0] is None) != (files[1] is None):
            raise SettingsFaulty("AMANAT_TLS_CERT and AMANAT_TLS_KEY belong together: set both or neither.")
        address = environment.get("AMANAT_PUBLIC_ADDRESS") or "127.0.0.1"
        return cls(settings, address, files[0], files[1], output * _MB, per_address)

    @property
    def hosts(self) -> frozenset[str]:
        """The names by which this system may be addressed; any other name in a request is somebody's trick."""
        public = urlsplit(self.settings.system.public_url).hostname
        return frozenset({"127.0.0.1", "localhost"} | ({public.lower()} if public else set()))

    @property
    def scheme(self) -> str:
        """What the browser speaks: https also where something before the guard ends TLS."""
        return "https" if self.certificate else urlsplit(self.settings.system.public_url).scheme or "http"

    def tls(self) -> ssl.SSLContext | None:
        """Raises SettingsFaulty when the files cannot be read or do not fit together."""
        if self.certificate is None or self.key is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise SettingsFaulty(
                f"The certificate {self.certificate} and its key cannot be used ({error}): "
                "name a PEM certificate and the unencrypted key that belongs to it."
            ) from error
        return context
