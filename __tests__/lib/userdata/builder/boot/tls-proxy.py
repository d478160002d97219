# An HTTPS proxy that is reached by TLS or in clear, and what stands for AWS behind it, on loopback, until standard input ends.
#
#     tls-proxy.py tls|clear CERTIFICATE KEY
#
# Prints its port, then a line for each thing that it is asked: `CONNECT HOST:PORT`, or a line of a request.
import socket, ssl, sys, threading

kind, certificate, key = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
ANSWER = b'{"Parameter": {"Value": "' + b"x" * 100000 + b'"}}'


# Lines of a request up to the empty one.
def read_head(file):
    return [line.decode().strip() for line in iter(file.readline, b"\r\n")]


# What stands for AWS.
def serve_aws(listener):
    while True:
        with context.wrap_socket(listener.accept()[0], server_side=True) as sock, sock.makefile("rb") as file:
            head = read_head(file)
            length = [int(line.split(": ")[1]) for line in head if line.lower().startswith("content-length")][0]
            file.read(length)
            print(head[0], flush=True)
            sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(ANSWER) + ANSWER)


# Bytes from one to the other.
def pass_on(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass


# One client of the proxy.
def serve_proxy(sock):
    if kind == "tls":
        sock = context.wrap_socket(sock, server_side=True)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    print(head.split(b" HTTP")[0].decode(), flush=True)
    behind = socket.create_connection(aws.getsockname())
    sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    for pair in ((sock, behind), (behind, sock)):
        threading.Thread(target=pass_on, args=pair, daemon=True).start()


# Serves whoever comes.
def accept(listener):
    while True:
        threading.Thread(target=serve_proxy, args=(listener.accept()[0],), daemon=True).start()


aws, proxy = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve_aws, args=(aws,), daemon=True).start()
threading.Thread(target=accept, args=(proxy,), daemon=True).start()
print(proxy.getsockname()[1], flush=True)
sys.stdin.read()
