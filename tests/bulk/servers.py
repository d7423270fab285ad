"""Servers for a test run: started on this machine, filled, and thrown away.

`python tests/bulk/servers.py` installs what they need, where it may (as root, with apt), and
otherwise says what to install.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

__all__ = ["MissingError", "free_port", "postgres", "postgres_programs", "spark"]

PACKAGES = {"PostgreSQL": "postgresql", "Java": "default-jre-headless"}
SPARK = {
    # Every step is a plan of its own over some hundred rows: compiling it to bytecode, spreading
    # it over partitions and planning it anew while it runs would be nearly all of the time.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


class MissingError(Exception):
    """A server cannot run here: a program is not installed."""


@contextmanager
def postgres(host: str = "127.0.0.1", within: Sequence[str] = ()) -> Iterator[str]:
    """The address of an empty PostgreSQL server, which ends with the context; `within` begins the
    command that starts it, and it trusts whoever reaches the address."""
    programs = postgres_programs()
    if programs is None:
        raise MissingError(_advice("PostgreSQL"))
    folder = Path(tempfile.mkdtemp(prefix="playgate-"))
    try:
        data, as_owner = str(folder / "data"), _owner_of(folder)
        subprocess.run(
            [
                *as_owner,
                programs / "initdb",
                "-D",
                data,
                "-U",
                "playgate",
                "-A",
                "trust",
                "-N",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        with (folder / "data" / "pg_hba.conf").open("a") as trusted:
            trusted.write("host all all samenet trust\n")
        command = [*within, *as_owner, "sh", "-c", _WATCHED, "sh", programs / "postgres"]
        settings = (f"listen_addresses={host}", "fsync=off", f"unix_socket_directories={folder}")
        options = ["-D", data, *(word for each in settings for word in ("-c", each))]
        for _ in range(20):  # ports, each of which somebody else may have taken meanwhile
            port = free_port()
            with (folder / "log").open("w") as log:
                server = subprocess.Popen(
                    [*command, *options, "-p", str(port)],
                    cwd=folder,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                )
            with server:  # which closes its input in the end
                if _answers(programs, folder, port):
                    yield f"postgres://playgate@{host}:{port}/postgres"
                    return
        raise AssertionError((folder / "log").read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_WATCHED = '"$@" </dev/null & read -r _; kill -INT $!; wait $!'
"""Ends with its input, so also where the tests are killed."""


def _answers(programs: Path, folder: Path, port: int) -> bool:
    """Whether the server of a folder answers, for which it has two minutes, or has no port."""
    log = folder / "log"
    asked = [programs / "pg_isready", "-q", "-h", folder, "-p", str(port)]
    for _ in range(600):
        if subprocess.run(asked, check=False).returncode == 0:
            return True
        if _NO_PORT in log.read_text():
            return False
        time.sleep(0.2)
    raise AssertionError(log.read_text())


_NO_PORT = "could not create any TCP/IP sockets"


def postgres_programs() -> Path | None:
    """Where `initdb` and its like are: Debian keeps them off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    kept = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((each.parent for each in kept), default=None, key=lambda path: int(path.parent.name))


def _owner_of(folder: Path) -> list[str]:
    """What makes a command run as the folder's owner: the server refuses to run as root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def free_port() -> int:
    """A port that nobody has now: none of those that the system gives to who asks for any."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


_PORTS = range(20_000, 32_000)


@contextmanager
def spark() -> Iterator[str]:
    """The address of Spark in this process, with two workers; its files end with the context."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise MissingError(_advice("Java"))
    folder = Path(tempfile.mkdtemp(prefix="playgate-"))
    try:
        yield "spark://local[2]?" + urlencode(
            {**SPARK, "spark.sql.warehouse.dir": str(folder), "spark.local.dir": str(folder)}
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- Installing ----------------------------------------------------------------------------------


def _advice(program: str) -> str:
    return f"{program} is not installed; on Debian: apt-get install {PACKAGES[program]}"


def install() -> int:
    """Install what is missing; the exit status."""
    missing = [] if postgres_programs() else ["PostgreSQL"]
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        missing.append("Java")
    if not missing:
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(*map(_advice, missing), sep="\n", file=sys.stderr)
        return 1
    packages = [PACKAGES[each] for each in missing]
    print("Installing", *packages, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-q", *words], env=quiet, stdout=subprocess.DEVNULL, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(install())
