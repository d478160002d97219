"""Stands at 169.254.169.254 inside a lab run and passes requests on to the lab's process.

usage: metadata-relay.py SOCKET

It lives in the run's network namespace, the lab's process does not: they meet at a Unix socket. It adds the address of the machine that asks
(X-Lab-Source), and sets the time-to-live of an answer if it is told to (X-Lab-Hop-Limit). The hop limit of IMDSv2 is just that, and
Node.js has no way to set it. Prints `ready` once it listens.
"""

import http.client
import http.server
import socket
import sys

ORDINARY_HOP_LIMIT = 64


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("metadata", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "EC2ws"
    sys_version = ""
    disable_nagle_algorithm = True

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {**dict(self.headers), "X-Lab-Source": self.client_address[0]}
        upstream = UnixConnection(sys.argv[1])
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        hop_limit = int(answer.getheader("X-Lab-Hop-Limit", ORDINARY_HOP_LIMIT))
        self.connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hop_limit)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("x-lab-hop-limit", "connection", "date", "transfer-encoding", "content-length", "keep-alive"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = relay

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # A machine that asked and was gone before the answer: nobody's fault.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


if __name__ == "__main__":
    server = Server(("169.254.169.254", 80), Relay)
    print("ready", flush=True)
    server.serve_forever()
