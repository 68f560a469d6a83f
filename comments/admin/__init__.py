"""The desk: the moderation queue and the pages around it, inside the Django admin."""

from . import (  # noqa: F401 - each registers its models
    akismet,
    blocklist,
    decisions,
    history,
    mail,
    policy,
    queue,
)
