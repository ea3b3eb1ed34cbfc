"""Run a function in two processes with the environment that torchrun gives."""

import multiprocessing
import os
import socket


def on_two(body, *args):
    """Call ``body(rank, *args)`` in each; return what they return."""
    # the server imports everything once, so that each child starts at once
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sce2tm.model", body.__module__])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pairs = [context.Pipe(duplex=False) for _ in range(2)]
    for rank, (_, writer) in enumerate(pairs):
        context.Process(target=_child, args=(body, args, rank, port, writer), daemon=True).start()
        writer.close()
    return [reader.recv() for reader, _ in pairs]


def _child(body, args, rank, port, writer):
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    writer.send(body(rank, *args))
