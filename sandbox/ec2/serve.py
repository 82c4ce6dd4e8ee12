"""The sandbox's AWS: moto's server with rules of EC2 and Data Lifecycle Manager in front, on 127.0.0.1, at the port
given as the only argument."""

import os
import signal
import sys
import threading


def exit_with_stdin() -> None:
    """Ends with the parent, also if that is killed: the parent holds the other end of the pipe."""
    while os.read(0, 65536):
        pass
    os._exit(0)


if os.environ.get("EXIT_WITH_STDIN"):
    threading.Thread(target=exit_with_stdin, daemon=True).start()
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

# Read on import. Instances need no image from the catalogue, which takes long to load.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
os.environ["MOTO_PORT"] = sys.argv[1]
# This directory may be read-only; pip has compiled moto's modules.
sys.dont_write_bytecode = True

import account  # noqa: E402
import backups  # noqa: E402
import lifecycle  # noqa: E402
import moto.ec2.urls  # noqa: E402, F401  (otherwise the first request would wait for it)
import rules  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402


rules.install()
moto_application = DomainDispatcherApplication(create_backend_app)


def application(environ: dict, start_response: object) -> object:
    """Routes requests: the account's paths, services that moto lacks, and moto's services."""
    if environ["PATH_INFO"] == "/sandbox/backups":
        return backups.application(environ, start_response)
    if environ["PATH_INFO"].startswith("/sandbox/"):
        return account.application(environ, start_response)
    if lifecycle.is_lifecycle_request(environ):
        return lifecycle.application(environ, start_response)
    return moto_application(environ, start_response)


class Handler(MotoRequestHandler):
    def log_request(self, *_: object) -> None:
        """Logs nothing: a line per request would hide errors."""


server = make_server(
    "127.0.0.1",
    int(sys.argv[1]),
    application,
    threaded=True,
    request_handler=Handler,
)
print("listening", flush=True)  # Printed, since an answer on the port could be another server's.
server.serve_forever()
