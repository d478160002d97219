# Says what the program of a container is, which Docker could not start or which failed: prints one word and the program's path.
#
#     find-program.py CONTAINER ARCHITECTURE
#
# `native`: this processor runs it. `foreign`: it is for another. `missing`: it is not there or no program, or what interprets it is not. `unknown`: the
# kernel knows no such format; a shell may. Asked is Docker, by its socket, about the container's files: whatever there may be of a process is not needed.
import base64, http.client, json, os, posixpath, socket, struct, sys, tarfile, urllib.parse

container, architecture = sys.argv[1:]
# Machines of ELF that a processor runs: EM_386, EM_X86_64; EM_ARM, EM_AARCH64.
MACHINES = {"x86_64": (3, 62), "arm64": (40, 183)}[architecture]
# Bits of Go's os.FileMode: a link, and all that is no file (os.ModeType).
LINK, OTHER = 1 << 27, 0x8F280000


# HTTP over Docker's socket.
class Client(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(os.environ.get("DOCKER_SOCKET") or "/var/run/docker.sock")


# An answer of Docker's; nothing if it says that there is no such thing.
def ask(where, **query):
    client = Client("docker")
    client.request("GET", where + "?" + urllib.parse.urlencode(query))
    answer = client.getresponse()
    if answer.status == 404:
        return None
    if answer.status != 200:
        sys.exit(f"docker-cache: Docker says {answer.status} to {where}: {answer.read(500)!r}")
    return answer


# Mode and first bytes of a file, links followed; nothing if there is none.
def look(path, links=40):
    answer = ask(f"/containers/{container}/archive", path=path)
    if not answer:
        return None
    found = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
    if found["mode"] & LINK and links:
        return look(posixpath.join(posixpath.dirname(path), found["linkTarget"]), links - 1)
    if found["mode"] & OTHER:
        return found["mode"], b""
    with tarfile.open(fileobj=answer, mode="r|") as archive:
        member = archive.next()
        return found["mode"], archive.extractfile(member).read(65536) if member.isreg() else b""


# The interpreter that an ELF file names (PT_INTERP), if it does.
def find_interpreter(head, is_wide, order):
    start, size, count = struct.unpack_from(order + ("Q" if is_wide else "I"), head, 32 if is_wide else 28) + struct.unpack_from(order + "2H", head, 54 if is_wide else 42)
    for at in range(start, start + size * count, size):
        kind, = struct.unpack_from(order + "I", head, at)
        if kind == 3:
            place, = struct.unpack_from(order + ("Q" if is_wide else "I"), head, at + (8 if is_wide else 4))
            return head[place : head.index(b"\0", place)].decode("utf-8", "replace")
    return None


# What a file is, and what it needs.
def classify(path, depth=5):
    found = look(path)
    if not found or found[0] & OTHER or not found[0] & 0o111:
        return "missing"
    head = found[1]
    if head[:2] == b"#!":
        words = head[2:256].split(b"\n")[0].split()
        return classify(words[0].decode("utf-8", "replace"), depth - 1) if words and depth else "unknown"
    if head[:4] != b"\x7fELF" or len(head) < 64:
        return "unknown"
    order = "<" if head[5] == 1 else ">"
    if struct.unpack_from(order + "H", head, 18)[0] not in MACHINES:
        return "foreign"
    try:
        interpreter = find_interpreter(head, head[4] == 2, order)
    except (struct.error, ValueError):
        return "unknown"
    return classify(interpreter, depth - 1) if interpreter and depth else "native"


# Where the kernel would look for the program, in order.
def list_places(program, config):
    here = config.get("WorkingDir") or "/"
    if "/" in program:
        return [posixpath.join(here, program)]
    path = [item[5:] for item in config.get("Env") or [] if item.startswith("PATH=")] or ["/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    return [posixpath.join(here, folder, program) for folder in path[-1].split(":")]


known = ask(f"/containers/{container}/json")
if not known:
    sys.exit(f"docker-cache: Docker does not know the container {container}")
known = json.load(known)
places = list_places(known["Path"], known["Config"])
kinds = [(kind, place) for place in places for kind in [classify(place)] if kind != "missing"]
print(*(kinds or [("missing", known["Path"])])[0])
