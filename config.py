"""What this installation is told from outside; the only reader of the environment."""

import os
import secrets
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


class ConfigError(Exception):
    """A sentence for the person who starts the server."""


def _database_url(value: str) -> str:
    """Both spellings of PostgreSQL are accepted; psycopg 3 is what answers."""
    for prefix in ("postgres://", "postgresql://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value.removeprefix(prefix)
    if not value.startswith(("sqlite://", "postgresql+psycopg://")):
        raise ConfigError("DATABASE_URL must begin with sqlite:/// or postgresql://")
    return value


def _redis_url(value: str) -> str | None:
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("REDIS_URL must begin with redis://, rediss:// or unix://")
    return value or None


def _kept_secret(path: Path) -> str:
    """A key made once per data folder, so that a restart signs nobody out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key


class Config:
    """Everything `create_app` may ask; `values()` is what Flask is given."""

    name = "base"
    debug = False
    testing = False
    secure_cookies = False

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        env = dict(os.environ) if environ is None else environ
        self.data = Path(env.get("RETREAT_DATA") or ROOT / "var").resolve()
        self.database_url = _database_url(env.get("DATABASE_URL") or f"sqlite:///{self.data / 'retreat.sqlite'}")
        self.redis_url = _redis_url(env.get("REDIS_URL") or "")
        self.smtp_url = env.get("SMTP_URL") or None
        self.base_url = (env.get("BASE_URL") or "").rstrip("/") or None
        self.mail_from = env.get("MAIL_FROM") or "Retreat <retreat@example.org>"
        self.port = int(env.get("PORT") or 8000)
        if self.base_url is None and not env.get("PORT"):
            self.base_url = self._address_in_use()
        self.demo = env.get("RETREAT_DEMO", "1") != "0"
        self.trusted_proxies = int(env.get("TRUSTED_PROXIES") or 0)
        self.secret_key = self._secret_key(env)

    def _address_in_use(self) -> str | None:
        """Where script/serve.py runs or ran last on this data: a command's feed and print name the server's pages."""
        try:
            return (self.data / "address").read_text().strip().rstrip("/") or None
        except OSError:
            return None

    def _secret_key(self, env: dict[str, str]) -> str:
        return env.get("SECRET_KEY") or _kept_secret(self.data / "secret_key")

    def values(self) -> dict[str, Any]:
        return {
            "RETREAT_ENV": self.name,
            "DEBUG": self.debug,
            "TESTING": self.testing,
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": self.engine_options(),
            "DATA": self.data,
            "REDIS_URL": self.redis_url,
            "SMTP_URL": self.smtp_url,
            "MAIL_FROM": self.mail_from,
            "BASE_URL": self.base_url or f"http://127.0.0.1:{self.port}",
            "DEMO": self.demo,
            "TRUSTED_PROXIES": self.trusted_proxies,
            "SESSION_COOKIE_NAME": "retreat",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "REMEMBER_COOKIE_HTTPONLY": True,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_SECURE": self.secure_cookies,
            "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "WTF_CSRF_TIME_LIMIT": 12 * 3600,
            "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
            "RATELIMIT_STORAGE_URI": self.limits_url(),
            "RATELIMIT_HEADERS_ENABLED": False,
        }

    def limits_url(self) -> str:
        """Where sign-in attempts are counted: in each process, or by Redis for all of them."""
        url = self.redis_url or "memory://"
        return f"redis+{url}" if url.startswith("unix://") else url

    def engine_options(self) -> dict[str, Any]:
        if self.database_url.startswith("sqlite"):
            return {}
        return {"pool_size": 10, "max_overflow": 20, "pool_pre_ping": True}


class Development(Config):
    name = "development"


class Production(Config):
    name = "production"
    secure_cookies = True

    def _secret_key(self, env: dict[str, str]) -> str:
        key = env.get("SECRET_KEY", "")
        if len(key) < 16:
            raise ConfigError(
                "Set SECRET_KEY to a random text of at least 16 characters before starting in production."
            )
        return key


class Test(Config):
    name = "test"
    testing = True

    def _secret_key(self, env: dict[str, str]) -> str:
        return env.get("SECRET_KEY") or "not a secret, only a test"


def selected() -> Config:
    """The configuration that RETREAT_ENV names; development when it names none."""
    name = os.environ.get("RETREAT_ENV") or "development"
    kinds: dict[str, type[Config]] = {kind.name: kind for kind in (Development, Production, Test)}
    if name not in kinds:
        raise ConfigError(f"RETREAT_ENV is “{name}”; it must be development, production or test.")
    return kinds[name]()
