"""The desk: the moderation queue and the pages around it, inside the Django admin."""

from . import akismet, blocklist, history, mail, policy, queue  # noqa: F401 - each registers its models
