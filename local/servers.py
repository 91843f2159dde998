"""PostgreSQL and Redis together: embedded ones, or those that the environment names."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.binaries import postgres_folder, redis_program
from local.paths import find_place
from local.postgres import APP, OWNER, Postgres
from local.redis import Redis
from local.report import say


@dataclass
class Servers:
    """The embedded servers that run (none where the environment names others) and all addresses."""

    running: list[Postgres | Redis] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def running_servers(
    env: Mapping[str, str], data: Path, *, forgetful: bool = False, quiet: bool = False
) -> Iterator[Servers]:
    """Start what `env` does not name, and stop it at the end.

    An embedded database has two roles: its owner, for migrations only, and the application's.
    `forgetful` servers are for tests; `quiet` says nothing unless something goes wrong.
    """
    servers = Servers()
    try:
        if env.get("DATABASE_URL"):
            servers.env["DATABASE_URL"] = env["DATABASE_URL"]
            if env.get("DATABASE_OWNER_URL"):
                servers.env["DATABASE_OWNER_URL"] = env["DATABASE_OWNER_URL"]
        else:
            postgres = Postgres(find_place(data, postgres_folder(env)), forgetful=forgetful)
            servers.running.append(postgres)
            postgres.start()
            servers.env |= {"DATABASE_URL": postgres.url(APP), "DATABASE_OWNER_URL": postgres.url(OWNER)}
            if not quiet:
                say("PostgreSQL is ready")
        if env.get("REDIS_URL"):
            servers.env["REDIS_URL"] = env["REDIS_URL"]
        else:
            redis = Redis(data, redis_program(env), forgetful=forgetful)
            servers.running.append(redis)
            redis.start()
            servers.env["REDIS_URL"] = redis.url()
            if not quiet:
                say("Redis is ready")
        yield servers
    finally:
        for server in reversed(servers.running):
            server.stop()
