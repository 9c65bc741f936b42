"""Makes static/theme.css anew from designsystemet.config.json: `make theme`.

The result is committed, because its generator brings 150 packages and wants a newer Node than many machines have
(docs/decisions/0005-theme-is-committed.md). Another party changes the colours in the config and runs this.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.setup import Npm, SetupError

ROOT = Path(__file__).resolve().parent.parent
CONFIG = "designsystemet.config.json"
NEEDED_NODE = 22


def make_theme() -> None:
    """Runs the pinned generator in a temporary folder. Raises SetupError when it cannot be fetched or run."""
    npm = Npm(oldest_node=NEEDED_NODE)
    npm.run("ci", "--ignore-scripts", "--loglevel=error")
    program = ROOT / "node_modules" / ".bin" / "designsystemet"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(ROOT / CONFIG, Path(folder) / CONFIG)
        for step in (["create", "--config", CONFIG], ["build"]):
            done = subprocess.run(
                [program, "tokens", *step], cwd=folder, env=npm.environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SetupError(f"The theme could not be made: {done.stdout[-500:]}{done.stderr[-500:]}")
        made = sorted(Path(folder).glob("design-tokens-build/*.css"))
        if len(made) != 1:
            raise SetupError(f"{CONFIG} must have one theme; it has {len(made)}.")
        shutil.copyfile(made[0], ROOT / "static" / "theme.css")


def main() -> int:
    try:
        make_theme()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
