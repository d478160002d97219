# From references to digests, by HEAD requests to the registries.
#
#     resolve-references.py OWN-REGISTRY REFERENCE...
#
# Prints for each reference a line `DIGEST SOURCE LOCAL-NAME`, or `- - REASON`, separated by tabs. $PULL_THROUGH holds lines of UPSTREAM-HOST PREFIX.
import base64, concurrent.futures, hashlib, json, os, re, ssl, sys, time
import urllib.error, urllib.parse, urllib.request

TYPES = ", ".join("application/" + kind for kind in (
    "vnd.oci.image.index.v1+json", "vnd.docker.distribution.manifest.list.v2+json",
    "vnd.oci.image.manifest.v1+json", "vnd.docker.distribution.manifest.v2+json"))
own, *references = sys.argv[1:]
through = dict(line.split() for line in os.environ["PULL_THROUGH"].splitlines() if line.strip())


# JSON of a file, or nothing.
def read(path):
    try:
        return json.load(open(path))
    except FileNotFoundError:
        return {}

auths = read(os.environ["DOCKER_CONFIG"] + "/config.json").get("auths", {})
insecure = read("/etc/docker/daemon.json").get("insecure-registries", [])


# Takes a reference apart as Docker does: host, repository, tag or digest, and the name under which Docker shows it.
def parse(reference):
    name, _, digest = reference.partition("@")
    head, slash, tail = name.partition("/")
    known = slash and (re.search(r"[.:A-Z]", head) or head == "localhost")
    host, path = (head, tail) if known else ("docker.io", name)
    path, _, tag = path.partition(":")
    if host in ("docker.io", "index.docker.io"):
        host, path = "docker.io", path if "/" in path else "library/" + path
    familiar = re.sub("^library/", "", path) if host == "docker.io" else host + "/" + path
    return host, path, digest or tag or "latest", familiar + ("@" + digest if digest else ":" + (tag or "latest"))


# True of registries that Docker is told not to verify.
def is_insecure(host):
    return host in insecure or re.match(r"(localhost|127\.[0-9.]+)(:|$)", host)


# Certificates that Docker trusts for a registry.
def trust(host):
    context = ssl.create_default_context()
    folder = "/etc/docker/certs.d/" + host
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name.endswith(".crt"):
            context.load_verify_locations(os.path.join(folder, name))
    if is_insecure(host):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


# One request.
def send(host, url, method, login):
    request = urllib.request.Request(url, method=method, headers={"Accept": TYPES, "User-Agent": "docker-cache"})
    if login:
        request.add_unredirected_header("Authorization", login)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust(host))).open(request, timeout=30)


# The header that answers a challenge, or nothing if there is no login for it.
def answer(host, path, challenge):
    key = "https://index.docker.io/v1/" if host == "docker.io" else host
    basic = "Basic " + auths[key]["auth"] if key in auths else None
    if not challenge.lower().startswith("bearer"):
        return basic
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    query = {"service": fields.get("service", ""), "scope": f"repository:{path}:pull"}
    body = json.load(send(host, fields["realm"] + "?" + urllib.parse.urlencode(query), "GET", basic))
    return "Bearer " + (body.get("token") or body["access_token"])


# A request, repeated with a login where one is asked for.
def ask(host, url, path, method):
    login = None
    while True:
        try:
            return send(host, url, method, login)
        except urllib.error.HTTPError as error:
            if error.code != 401 or login:
                raise
            login = answer(host, path, error.headers.get("WWW-Authenticate", ""))
            if not login:
                raise


# Digest of a manifest or index.
def find_digest(host, path, reference):
    server = "registry-1.docker.io" if host == "docker.io" else host
    schemes = ("https", "http") if is_insecure(host) else ("https",)
    for scheme in schemes:
        url = f"{scheme}://{server}/v2/{path}/manifests/{reference}"
        try:
            digest = ask(host, url, path, "HEAD").headers.get("Docker-Content-Digest")
            return digest or "sha256:" + hashlib.sha256(ask(host, url, path, "GET").read()).hexdigest()
        except urllib.error.HTTPError as error:
            # A pull-through cache imports on GET.
            if error.code not in (404, 405):
                raise
            return "sha256:" + hashlib.sha256(ask(host, url, path, "GET").read()).hexdigest()
        except OSError:
            if scheme == schemes[-1]:
                raise


# The line of a reference, with retries.
def resolve(line):
    host, path, reference, familiar = parse(line)
    if host in through:
        host, path = own, through[host] + "/" + path
    for attempt in range(5):
        try:
            digest = find_digest(host, path, reference)
            return f"{digest}\t{host}/{path}\t{familiar}"
        except urllib.error.HTTPError as error:
            reason = f"{host} says {error.code} {error.reason}"
            if error.code < 500 and error.code != 429:
                break
        except Exception as error:
            reason = f"{host}: {error}"
        if attempt < 4:
            time.sleep(3 * 2 ** attempt)
    return "-\t-\t" + " ".join(reason.split())

with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for result in pool.map(resolve, references):
        print(result)
