# shellcheck shell=bash
# From references to digests, by HEAD requests to the registries. They are quick, need no running Docker, and are no pulls in the eyes of a rate
# limit.

# resolve_images: sets DIGESTS, SOURCES and LOCAL_NAMES. SOURCES say what to pull, without digest: the pull-through cache if one is configured.
# LOCAL_NAMES are the names under which Docker shows the images. An image that does not resolve is dropped if it is optional, else it fails the build.
resolve_images() {
  local index digest source name own=''
  [[ -z "$PULL_THROUGH" ]] || own="$(name_own_registry)"
  printf '%s\n' "${REFERENCES[@]}" | PULL_THROUGH="$PULL_THROUGH" resolve_references "$own" >"$RUN/resolved"
  index=0
  while IFS=$'\t' read -r digest source name; do
    DIGESTS[index]="$digest" SOURCES[index]="$source" LOCAL_NAMES[index]="$name"
    [[ "$digest" == sha256:* ]] || drop_image "$index" "$name"
    index=$((index + 1))
  done <"$RUN/resolved"
}

# resolve_references OWN-REGISTRY: for each line of standard input a line `DIGEST SOURCE LOCAL-NAME`, or `- - REASON`, separated by tabs.
resolve_references() {
  python3 -c '
import base64, concurrent.futures, hashlib, json, os, re, ssl, sys, time
import urllib.error, urllib.parse, urllib.request

TYPES = ", ".join("application/" + kind for kind in (
    "vnd.oci.image.index.v1+json", "vnd.docker.distribution.manifest.list.v2+json",
    "vnd.oci.image.manifest.v1+json", "vnd.docker.distribution.manifest.v2+json"))
own = sys.argv[1]
through = dict(line.split() for line in os.environ["PULL_THROUGH"].splitlines() if line.strip())

def read(path):
    try:
        return json.load(open(path))
    except FileNotFoundError:
        return {}

auths = read(os.environ["DOCKER_CONFIG"] + "/config.json").get("auths", {})
insecure = read("/etc/docker/daemon.json").get("insecure-registries", [])

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

def is_insecure(host):
    return host in insecure or re.match(r"(localhost|127\.[0-9.]+)(:|$)", host)

def trust(host):
    context = ssl.create_default_context()
    folder = "/etc/docker/certs.d/" + host
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name.endswith(".crt"):
            context.load_verify_locations(os.path.join(folder, name))
    if is_insecure(host):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context

def send(host, url, method, login):
    request = urllib.request.Request(url, method=method, headers={"Accept": TYPES, "User-Agent": "docker-cache"})
    if login:
        request.add_unredirected_header("Authorization", login)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust(host))).open(request, timeout=30)

def answer(host, path, challenge):
    key = "https://index.docker.io/v1/" if host == "docker.io" else host
    basic = "Basic " + auths[key]["auth"] if key in auths else None
    if not challenge.lower().startswith("bearer"):
        return basic
    fields = dict(re.findall(r"(\w+)=\"([^\"]*)\"", challenge))
    query = {"service": fields.get("service", ""), "scope": f"repository:{path}:pull"}
    body = json.load(send(host, fields["realm"] + "?" + urllib.parse.urlencode(query), "GET", basic))
    return "Bearer " + (body.get("token") or body["access_token"])

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

lines = sys.stdin.read().split()
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for result in pool.map(resolve, lines):
        print(result)
' "$1"
}
