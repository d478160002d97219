# From references to digests, by dockerd: it asks the registries as it will pull, by its own proxy, mirrors, certificates and list of insecure hosts.
#
#     resolve-references.py SOCKET OWN-REGISTRY REFERENCE...
#
# SOCKET is dockerd's. Prints for each reference a line `DIGEST SOURCE LOCAL-NAME ORIGINAL NOTE`, or `- - REASON`, separated by tabs. SOURCE is ORIGINAL, or
# the repository in OWN-REGISTRY that ECR's pull-through cache fills from it. NOTE is for the log, and empty if both agree, or if none but ORIGINAL was
# to be asked. $PULL_THROUGH holds lines of `KEY PREFIX`, $WATCHDOG_MINUTES how long a build may take, $DOCKER_CONFIG/config.json the logins.
import base64, concurrent.futures, http.client, json, os, re, socket, sys, threading, time, urllib.parse

# Longest wait for one answer, and for all; pauses before each attempt.
CALL_SECONDS = 60
ALL_SECONDS = 600
PAUSE_SECONDS = (0, 3, 6, 12, 24)
# Longest wait for an original registry while ECR may have the answer. After so long, or a quarter of the watchdog, nothing
# more is asked of ECR: the rest is the originals'.
ORIGINAL_SECONDS = 10
ECR_SECONDS = min(300, int(os.environ["WATCHDOG_MINUTES"]) * 15)
SOCKET, own, *references = sys.argv[1:]
began = time.monotonic()


# A question without a good answer. One that is none of those below is no answer at all: of dockerd, or a 5xx of it, which is what it says of a registry
# that it did not reach.
class Problem(Exception):
    pass


# What no other attempt will change.
class Final(Problem):
    pass


# A registry that has answered, and will answer otherwise later.
class Limited(Problem):
    pass


# Nothing came within the time.
class Stalled(Problem):
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


# The name of a repository, or a key of $PULL_THROUGH, with Docker Hub as references mean it.
def spell(name):
    return re.sub("^(index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)(?=/|$)", "docker.io", name)


# Beginnings of names and what stands for them in ECR, the longest first.
through = sorted(((spell(key) + "/", prefix + "/") for key, prefix in map(str.split, filter(str.strip, os.environ["PULL_THROUGH"].splitlines()))), key=lambda pair: -len(pair[0]))


# The repository in ECR that is filled from this one, or nothing. Our own registry is no upstream of itself, whatever a key says.
def find_cached(host, path):
    name = "" if host == own else spell(f"{host}/{path}")
    return next((prefix + name[len(key):] for key, prefix in through if name.startswith(key)), None)


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
def ask(name, login, seconds):
    connection = Daemon("docker", timeout=seconds)
    headers = {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(login).encode()).decode()} if login else {}
    try:
        connection.request("GET", f"/distribution/{urllib.parse.quote(name, safe='/:@')}/json", headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except socket.timeout:
        raise Stalled(f"no answer within {seconds} s") from None
    except ValueError:
        raise Problem("an answer that is no JSON") from None
    finally:
        connection.close()


# The digest of a name, from one call.
def find_digest(name, wanted, login, seconds):
    is_digest = ":" in wanted
    status, answer = ask(f"{name}{'@' if is_digest else ':'}{wanted}", login, seconds)
    if status != 200:
        kind = Limited if status == 429 else Final if 400 <= status < 500 else Problem
        raise kind(f"{status}: {answer['message']}")
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


# One question, with the login for the host. Whatever goes wrong is a problem that can be shown.
def ask_once(host, path, wanted, seconds):
    login = None
    try:
        login = find_login(host)
        return find_digest(f"{host}/{path}", wanted, login, seconds)
    except Exception as error:
        kind = type(error) if isinstance(error, Problem) else Problem
        raise kind(describe(error, login)) from None


# With retries. They are begun within `limit` seconds of all.
def ask_patiently(host, path, wanted, limit=ALL_SECONDS, after_stalls=True):
    problem = Problem(f"dockerd was not asked: others took {limit} s")
    for pause in PAUSE_SECONDS:
        time.sleep(pause)
        if time.monotonic() - began > limit:
            break
        try:
            return ask_once(host, path, wanted, CALL_SECONDS)
        except Final:
            raise
        except Problem as error:
            problem = error
            if isinstance(error, Stalled) and not after_stalls:
                break
    raise problem


# ECR's digest of a name. A stall is waited for once, since the original may have the image.
def ask_ecr(path, wanted):
    return ask_patiently(own, path, wanted, ECR_SECONDS, False)


# An original registry, while ECR may have the answer. The first to ask finds out if it can be reached, and the others wait for that. Without an answer it
# is not asked again: in a closed network that costs its time once, not for each image.
class Original:
    def __init__(self):
        self.lock, self.is_known, self.problem = threading.Lock(), False, None

    def ask(self, *question):
        with self.lock:
            if not self.is_known:
                self.is_known = True
                return self.ask_now(*question)
        if self.problem:
            raise self.problem
        return self.ask_now(*question)

    def ask_now(self, *question):
        try:
            return ask_once(*question, ORIGINAL_SECONDS)
        except (Final, Limited):
            raise
        except Problem as problem:
            self.problem = problem
            raise

originals = {parse(reference)[0]: Original() for reference in references}


# The original's digest of what ECR does not give, with the note that says why.
def ask_instead(host, path, wanted, why):
    try:
        return ask_patiently(host, path, wanted), f"{host}/{path}", f"from {host}, not through ECR: {why}"
    except Problem as problem:
        raise Problem(f"ECR: {why}; {host}: {problem}") from None


# Digest, source and note of a tag. What ECR has may be a day old, so the original has the word; asking ECR by tag is what makes it fetch the image.
def resolve_tag(host, path, tag, cached):
    digest = problem = None
    try:
        digest = originals[host].ask(host, path, tag)
    except Problem as error:
        problem = error
    try:
        found = ask_ecr(cached, tag)
    except Problem as error:
        return (digest, f"{host}/{path}", f"from {host}, not through ECR: {error}") if digest else ask_instead(host, path, tag, error)
    if not digest:
        return found, f"{own}/{cached}", f"the tag as ECR has it, which may be old: {host}: {problem}"
    if digest != found:
        return digest, f"{host}/{path}", f"from {host}, not through ECR, which has an older or another image of this tag: {found}"
    return digest, f"{own}/{cached}", ""


# Digest, source and note of what is wanted by digest. ECR fetches nothing by digest; a tag beside it may make it do so.
def resolve_pinned(host, path, digest, tag, cached):
    try:
        try:
            return ask_ecr(cached, digest), f"{own}/{cached}", ""
        except Final:
            found = tag and ask_ecr(cached, tag)
            if found != digest:
                raise
            return digest, f"{own}/{cached}", ""
    except Problem as error:
        return ask_instead(host, path, digest, error)


# The line of a reference.
def resolve(reference):
    host, path, wanted, familiar = parse(reference)
    cached = find_cached(host, path)
    try:
        if not cached:
            digest, source, note = ask_patiently(host, path, wanted), f"{host}/{path}", ""
        elif ":" in wanted:
            tag = re.search(":([^:/@]+)@", reference)
            digest, source, note = resolve_pinned(host, path, wanted, tag and tag.group(1), cached)
        else:
            digest, source, note = resolve_tag(host, path, wanted, cached)
    except Problem as problem:
        return f"-\t-\t{problem}"
    return "\t".join((digest, source, familiar, f"{host}/{path}", note))

with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for result in pool.map(resolve, references):
        print(result)
