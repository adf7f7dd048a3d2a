# SPDX-License-Identifier: GPL-2.0-only
"""Closes connections on port 19999 in the ways that the echo pair does not. For record.sh."""
import ctypes
import socket
import struct
import time

PORT = 19999
DROP_ALL = struct.pack("HBBI", 6, 0, 0, 0)  # BPF: ret 0


def pair(family=socket.AF_INET, address="127.0.0.1"):
    """Both ends of a new connection."""
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, PORT))
        listener.listen()
        client = socket.create_connection((address, PORT))
        return client, listener.accept()[0]


def pause():
    time.sleep(0.05)


def deafen(sock, deaf):
    """Drops all that SOCK would receive, by a socket filter."""
    if not deaf:
        sock.setsockopt(socket.SOL_SOCKET, 27, 0)  # SO_DETACH_FILTER
        return
    code = ctypes.create_string_buffer(DROP_ALL)
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER


client, server = pair()  # SO_LINGER 0
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.close()
pause()
server.close()

client, server = pair()  # unread data
server.send(b"hi")
pause()
client.close()
pause()
server.close()

client, server = pair(socket.AF_INET6, "::1")  # half-close
client.shutdown(socket.SHUT_WR)
time.sleep(1.1)
server.send(b"x")
server.close()
pause()
client.close()

try:  # refused
    socket.create_connection(("127.0.0.1", PORT))
except ConnectionRefusedError:
    pass

client, server = pair()  # the server first
server.close()
pause()
client.close()

client, server = pair()  # connect(AF_UNSPEC)
ctypes.CDLL(None).connect(client.fileno(), ctypes.create_string_buffer(16), 16)
pause()
server.close()
client.close()

client, server = pair()  # both at once: neither hears the other's FIN at first
deafen(client, True)
deafen(server, True)
client.shutdown(socket.SHUT_WR)
server.shutdown(socket.SHUT_WR)
deafen(client, False)
deafen(server, False)
time.sleep(1)
client.close()
server.close()

sock = socket.socket()  # with itself
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("127.0.0.2", PORT))
sock.connect(("127.0.0.2", PORT))
sock.close()
pause()
