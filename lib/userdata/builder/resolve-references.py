# From references to digests, by dockerd: it asks the registries as it will pull, by its own proxy, mirrors, certificates and list of insecure hosts.
#
#     resolve-references.py SOCKET OWN-REGISTRY REFERENCE...
#
# SOCKET is dockerd's. Prints for each reference a line `DIGEST SOURCE LOCAL-NAME`, or `- - REASON`, separated by tabs. $PULL_THROUGH holds lines of
# UPSTREAM-HOST PREFIX, $DOCKER_CONFIG/config.json the logins.
import base64, concurrent.futures, http.client, json, os, re, socket, sys, time, urllib.parse

# Longest wait for one answer, and for all; pauses before each attempt.
CALL_SECONDS = 60
ALL_SECONDS = 600
PAUSE_SECONDS = (0, 3, 6, 12, 24)
SOCKET, own, *references = sys.argv[1:]
through = dict(line.split() for line in os.environ["PULL_THROUGH"].splitlines() if line.strip())
until = time.monotonic() + ALL_SECONDS


# What no other attempt will change.
class Final(Exception):
    pass


# A connection to dockerd.
class Daemon(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


# Logins by host, or by what stands for Docker Hub.
def read_logins():
    try:
        with open(os.environ["DOCKER_CONFIG"] + "/config.json", encoding="utf-8") as file:
            return json.load(file).get("auths", {})
    except FileNotFoundError:
        return {}

logins = read_logins()


# Takes a reference apart as Docker does: host, repository, tag or digest, and the name under which Docker shows it.
def parse(reference):
    name, _, digest = reference.partition("@")
    head, slash, tail = name.partition("/")
    known = slash and (re.search(r"[.:A-Z]", head) or head == "localhost")
    host, path = (head, tail) if known else ("docker.io", name)
    path, _, tag = path.partition(":")
    if host in ("docker.io", "index.docker.io"):
        host, path = "docker.io", path if "/" in path else "library/" + path
    # Of what is nested in `library` Docker shows all.
    familiar = re.sub("^library/([^/]+)$", r"\1", path) if host == "docker.io" else host + "/" + path
    return host, path, digest or tag or "latest", familiar + ("@" + digest if digest else ":" + (tag or "latest"))


# User and password for a host, or nothing. If they cannot be decoded, dockerd would go on without them.
def find_login(host):
    key = "https://index.docker.io/v1/" if host == "docker.io" else host
    if key not in logins:
        return None
    try:
        user, _, password = base64.b64decode(logins[key]["auth"], validate=True).decode().partition(":")
    except (KeyError, TypeError, ValueError):
        user = password = ""
    if not user or not password:
        raise Final(f"the login for {host} is not base64 of USER:PASSWORD in UTF-8: check the secret that is configured for this registry")
    return {"username": user, "password": password, "serveraddress": key}


# Status and content of dockerd's answer about a name. The path has no version, so that every engine takes it.
def ask(name, login):
    connection = Daemon("docker", timeout=CALL_SECONDS)
    headers = {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(login).encode()).decode()} if login else {}
    try:
        connection.request("GET", f"/distribution/{urllib.parse.quote(name, safe='/:@')}/json", headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except socket.timeout:
        raise OSError(f"no answer within {CALL_SECONDS} s") from None
    except ValueError:
        raise OSError("an answer that is no JSON") from None
    finally:
        connection.close()


# The digest of a name, from one call.
def find_digest(name, wanted, login):
    is_digest = ":" in wanted
    status, answer = ask(f"{name}{'@' if is_digest else ':'}{wanted}", login)
    if status != 200:
        error = f"{status}: {answer['message']}"
        raise Final(error) if 400 <= status < 500 and status != 429 else OSError(error)
    digest = answer["Descriptor"]["digest"]
    if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
        raise Final(f"the digest is {digest}: expected sha256: and 64 hex digits")
    if is_digest and digest != wanted:
        raise Final(f"the digest is {digest}: expected the one of the reference")
    return digest


# What dockerd or an error says, as a part of a line. A registry may repeat what it was sent.
def describe(error, login):
    text = str(error) or type(error).__name__
    if login:
        pair = f"{login['username']}:{login['password']}"
        for secret in (login["password"], base64.b64encode(pair.encode()).decode()):
            text = text.replace(secret, "...")
    return "dockerd: " + "".join(letter if letter.isprintable() else " " for letter in text)[:500]


# The line of a reference, with retries.
def resolve(line):
    host, path, wanted, familiar = parse(line)
    if host in through:
        host, path = own, through[host] + "/" + path
    reason, login = f"dockerd was not asked: others took {ALL_SECONDS} s", None
    for pause in PAUSE_SECONDS:
        time.sleep(pause)
        if time.monotonic() > until:
            break
        try:
            login = find_login(host)
            return f"{find_digest(f'{host}/{path}', wanted, login)}\t{host}/{path}\t{familiar}"
        except Final as error:
            reason = describe(error, login)
            break
        except Exception as error:
            reason = describe(error, login)
    return "-\t-\t" + reason

with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for result in pool.map(resolve, references):
        print(result)
