"""The WSGI door: `gunicorn wsgi:app`, and where the `flask` command finds the app."""

import sys

import config
from retreat import create_app

try:
    app = create_app(config.selected().values())
except config.ConfigError as error:
    sys.exit(str(error))
