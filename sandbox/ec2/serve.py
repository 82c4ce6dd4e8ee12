"""The sandbox's EC2: moto's server on 127.0.0.1, at the port given as the only argument."""

import os
import signal
import sys
import threading


def exit_with_stdin() -> None:
    """The parent holds the other end of the pipe: nothing outlives a parent that was killed."""
    while os.read(0, 65536):
        pass
    os._exit(0)


if os.environ.get("EXIT_WITH_STDIN"):
    threading.Thread(target=exit_with_stdin, daemon=True).start()
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

# Read on import. The catalogue of images takes long to load, and instances need no image from it.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
os.environ["MOTO_PORT"] = sys.argv[1]

import moto.ec2.urls  # noqa: E402, F401  (otherwise the first request would wait for it)
from moto.ec2.responses.elastic_block_store import ElasticBlockStore  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402


volumes_by_token: dict = {}
volumes_lock = threading.Lock()
create_volume = ElasticBlockStore.create_volume


def create_volume_once(self: ElasticBlockStore) -> object:
    """EC2 answers a repeated request, one with the same token, as it did before; moto makes another volume."""
    token = self._get_param("ClientToken")
    with volumes_lock:
        if token is None:
            return create_volume(self)
        if token not in volumes_by_token:
            volumes_by_token[token] = create_volume(self)
        return volumes_by_token[token]


ElasticBlockStore.create_volume = create_volume_once


class Handler(MotoRequestHandler):
    def log_request(self, *_: object) -> None:
        """A line per request would hide the errors."""


server = make_server(
    "127.0.0.1",
    int(sys.argv[1]),
    DomainDispatcherApplication(create_backend_app),
    threaded=True,
    request_handler=Handler,
)
print("listening", flush=True)  # on its own port: an answer could be another server's
server.serve_forever()
