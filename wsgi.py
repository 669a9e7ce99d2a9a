"""The WSGI door: `gunicorn wsgi:app`, and where the `flask` command finds the app."""

import gc
import sys

import config
from retreat import create_app

try:
    app = create_app(config.selected().values())
except config.ConfigError as error:
    sys.exit(str(error))

# What lives as long as the process is never looked through again for garbage: a page that makes thousands of objects,
# such as the list of a thousand sessions, takes a third less time.
gc.collect()
gc.freeze()
