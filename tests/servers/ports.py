"""Free ports of the loopback interface, for servers that must be told one."""

import secrets
import socket

GRPC_OFFSET = 10_000
"""SeaweedFS serves gRPC this far above each of its HTTP ports."""


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens at, nor `GRPC_OFFSET` above them."""
    found: list[int] = []
    while len(found) < count:
        # Below the ports that the system gives to clients, who would take one before the server does.
        port = 10_000 + secrets.randbelow(12_000)
        taken = {other + shift for other in found for shift in (0, GRPC_OFFSET)}
        if not taken & {port, port + GRPC_OFFSET} and _is_free(port) and _is_free(port + GRPC_OFFSET):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
