"""Opens an S3 bucket by the settings alone: nothing of the environment and no machine's role, so that one file says who we are.

It asks the server nothing yet.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.store import S3Store

from watchfloor.kit.errors import Invalid
from watchfloor.settings import ObjectSettings

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Credential


def bucket(settings: ObjectSettings) -> S3Store:
    """The bucket of `objects.url`. Raises Invalid when the settings do not fit together."""
    parts = urlsplit(settings.url)
    if parts.scheme != "s3" or not parts.netloc:
        raise Invalid(f"objects.url is {settings.url!r}; it should be s3://bucket/prefix.")
    key_id, secret = _credentials(settings.credentials_file)

    def credentials() -> S3Credential:
        return {"access_key_id": key_id, "secret_access_key": secret, "token": None, "expires_at": None}

    config: S3Config = {
        # All of these said outright: what is left out is looked up in AWS_ variables.
        "endpoint": settings.endpoint or f"https://{parts.netloc}.s3.{settings.region}.amazonaws.com",
        "virtual_hosted_style_request": not settings.endpoint,
        "region": settings.region,
        "skip_signature": False,
    }
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={"allow_http": settings.endpoint.startswith("http://"), "timeout": "30s"},
        retry_config={"max_retries": 3},
        credential_provider=credentials,
    )


def _credentials(file: str) -> tuple[str, str]:
    if not file:
        raise Invalid(
            "objects.provider is s3, and objects.credentials_file is empty: name the file with the key."
        )
    try:
        lines = Path(file).read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"objects.credentials_file: {file} cannot be read.") from error
    if len(lines) != 2:
        raise Invalid(f"objects.credentials_file: {file} should hold key id and secret, one a line.")
    return lines[0], lines[1]
