"""What judges the public pages, and which pages those are. See docs/reading.md, "How it is judged"."""

from pathlib import Path

# Where `make judges` puts what package.json beside this file names.
MODULES = Path(__file__).resolve().parents[2] / ".venv" / "quality" / "node_modules"
NU_CHECKER = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
LIGHTHOUSE = MODULES / ".bin" / "lighthouse"
