"""The yardstick's settings: our database, and nothing else of ours."""

from config.settings import *  # noqa: F403

# allauth will not start without its own; the probe takes it away again before the first page.
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
ROOT_URLCONF = "benchmarks.floor"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [], "APP_DIRS": False}]
