# Answers as Docker would of a container whose one file, /program, is a static program of ELF for a machine.
#
#     one-program.py SOCKET MACHINE
import base64, http.server, io, json, os, socketserver, struct, sys, tarfile

socket, machine = sys.argv[1], int(sys.argv[2])
PROGRAM = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<2H34xH8x", 2, machine, 56)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            member = tarfile.TarInfo("program")
            member.size = len(PROGRAM)
            archive.addfile(member, io.BytesIO(PROGRAM))
        is_file = "/archive" in self.path
        self.send_response(200)
        self.send_header("X-Docker-Container-Path-Stat", base64.b64encode(json.dumps({"mode": 0o755}).encode()).decode())
        self.end_headers()
        self.wfile.write(packed.getvalue() if is_file else json.dumps({"Path": "/program", "Config": {}}).encode())

    def address_string(self):
        return "client"


server = socketserver.UnixStreamServer(socket + ".new", Handler)
os.rename(socket + ".new", socket)
server.serve_forever()
