"""The settings that tests run under: those of the demo, with a data folder of their own and nothing slow."""

import atexit
import os
import shutil
import tempfile

# Each process (each worker of xdist too) gets a folder that goes away with it.
_folder = tempfile.mkdtemp(prefix="medlemsboka-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

for _name in ("PORT", "PUBLIC_URL", "REDIS_URL", "REQUIRE_SECOND_FACTOR", "EMAIL_URL", "DEBUG", "BEHIND_PROXY"):
    os.environ.pop(_name, None)
# WhiteNoise warns of a folder that is not there.
os.mkdir(f"{_folder}/static")  # noqa: PTH102
os.environ["MODE"] = "demo"
os.environ["DATA_DIR"] = _folder
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{_folder}/main.sqlite3"

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and other processes (the worker, the browser's server) read it too.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
else:
    # The name carries the process, so that two runs on one server do not meet.
    DATABASES["default"]["TEST"] = {"NAME": f"test_medlemsboka_{os.getpid()}"}
