"""Style sheets that readers fetch as one file, though they are written in several.

A finder of Django's staticfiles puts them together whenever they are looked for, so ``collectstatic`` and a
development server need to know nothing of it, and no tool has to be run.
"""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

# In this order: what comes later may overrule what came before.
BUNDLES = {
    "css/site.css": [
        "css/tokens.css",
        "css/base.css",
        "css/components.css",
        "css/reading.css",
        "css/thread.css",
        "css/finding.css",
        "css/pages.css",
        "css/language.css",
    ]
}


class BundleFinder(BaseFinder):
    """Finds each bundle as a file in ``settings.BUNDLES_ROOT``, made anew where a part is newer."""

    def __init__(self, *arguments, **options):
        self.storage = FileSystemStorage(location=settings.BUNDLES_ROOT)

    def find(self, path, find_all=False, **options):
        if path not in BUNDLES:
            return []
        found = str(_made(path))
        return [found] if find_all else found

    def list(self, ignore_patterns):
        for path in BUNDLES:
            _made(path)
            yield path, self.storage


def _made(path):
    """Return the file of a bundle, as its parts stand now."""
    made = Path(settings.BUNDLES_ROOT, path)
    parts = [settings.BASE_DIR / "static" / part for part in BUNDLES[path]]
    if not made.exists() or made.stat().st_mtime <= max(part.stat().st_mtime for part in parts):
        made.parent.mkdir(parents=True, exist_ok=True)
        # Renamed into its place, so that nobody is given half of it.
        half = made.with_suffix(".new")
        half.write_text("\n".join(part.read_text(encoding="utf-8") for part in parts), encoding="utf-8")
        half.replace(made)
    return made
