# Asks AWS, as the role of this instance (docs/decisions/0015-builder-in-two-halves.md says why this is no client of AWS's own).
#
#     aws.py OPERATION WORD...
#
# Operations are the functions below that say so. Prints what the operation finds. If AWS refuses, ends with 1 and a line on standard error.
# $REGION and $DNS_SUFFIX say where to ask, $AWS_SECONDS how long all of it may take. Proxies and certificates are those of the environment.
import base64, hashlib, hmac, http.client, io, json, os, random, signal, socket, ssl, sys, time
import urllib.error, urllib.parse, urllib.request
from xml.etree import ElementTree

METADATA = "http://169.254.169.254/latest/"
# Services that take JSON: the first part of their host, and what their operations begin with.
JSON_SERVICES = {
    "ecr": ("api.ecr", "AmazonEC2ContainerRegistry_V20150921"),
    "logs": ("logs", "Logs_20140328"),
    "secretsmanager": ("secretsmanager", "secretsmanager"),
    "ssm": ("ssm", "AmazonSSM"),
}
# Codes of errors that pass by themselves, beside those with a status of 429 or from 500 on (AWS SDKs and Tools Reference, "Retry behavior").
PASSING = {
    "BandwidthLimitExceeded", "EC2ThrottledException", "ExpiredToken", "ExpiredTokenException", "LimitExceededException",
    "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestExpired", "RequestLimitExceeded", "RequestThrottled",
    "RequestThrottledException", "RequestTimeout", "RequestTimeoutException", "SlowDown", "Throttling", "ThrottlingException", "ThrottledException",
    "TooManyRequestsException", "TransactionInProgressException",
}
ATTEMPTS = 8
# Tags of the volume that say what its snapshot is. Others of ours steer rotation or DLM: IAM refuses them on a snapshot, whoever put them on the volume.
OF_SNAPSHOTS = ["docker-cache:" + key for key in ("name", "architecture", "state", "build-id", "content", "store", "manifest")]


# What AWS has against a request, by its own code.
class Refused(Exception):
    # The parts of the message: the call, the status, the code and AWS's words.
    def __init__(self, call, status, code, words):
        super().__init__(f"{call}: {status} {code}: {words}")
        self.status, self.code = status, code


# The answer of the metadata service, which no proxy may hear of.
def ask_metadata(path, method="GET", **headers):
    request = urllib.request.Request(METADATA + path, method=method, headers={f"X-aws-ec2-metadata-{key}": value for key, value in headers.items()})
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5).read().decode()


# The role's credentials as they are now: the metadata service renews them long before they end.
def read_credentials():
    token = ask_metadata("api/token", "PUT", **{"token-ttl-seconds": "60"})
    path = "meta-data/iam/security-credentials/"
    credentials = json.loads(ask_metadata(path + ask_metadata(path, token=token).strip(), token=token))
    # Of a role that cannot be assumed, or not yet, it has no more than a code.
    if "Token" not in credentials:
        raise OSError(f"no credentials of the instance's role: {credentials.get('Code')}")
    return credentials


# Headers of a POST to `/`, with its signature (Signature Version 4). `stamp` is the time as YYYYMMDDTHHMMSSZ.
def sign(service, region, headers, body, credentials, stamp):
    headers = {**headers, "x-amz-date": stamp, "x-amz-security-token": credentials["Token"]}
    names = ";".join(sorted(headers))
    canonical = "\n".join(["POST", "/", "", *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, hashlib.sha256(body).hexdigest()])
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + credentials["SecretAccessKey"]).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    credential = f"Credential={credentials['AccessKeyId']}/{scope}"
    return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"}


# Certificates of the system. A company's own authority often lacks what Python 3.13 asks for by this flag, and every other client takes it.
def trust():
    context = ssl.create_default_context()
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


# TLS within the TLS of a proxy, as much of a socket as HTTP takes: a real one can hold TLS once only.
class Nested(io.RawIOBase):
    # Shakes hands through `sock`, which is connected to the host already.
    def __init__(self, sock, context, host):
        self.sock, self.come, self.go = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.come, self.go, server_hostname=host)
        self.run(self.tls.do_handshake)

    # A step of TLS, with all the bytes that have to go and come for it.
    def run(self, step, *words):
        while True:
            try:
                return step(*words)
            except ssl.SSLWantReadError:
                self.sock.sendall(self.go.read())
                self.come.write(self.sock.recv(65536)) or self.come.write_eof()
            finally:
                self.sock.sendall(self.go.read())

    # Sends everything.
    def sendall(self, data):
        data = memoryview(data)
        while data:
            data = data[self.run(self.tls.write, data) :]

    # Reads what there is, at the end nothing.
    def readinto(self, buffer):
        try:
            data = self.run(self.tls.read, len(buffer))
        except ssl.SSLZeroReturnError:
            data = b""
        buffer[: len(data)] = data
        return len(data)

    # It can only be read as a file.
    def readable(self):
        return True

    # What HTTP reads from.
    def makefile(self, *_):
        return io.BufferedReader(self)

    # Closed with the process: HTTP closes a socket before it has read the answer.
    def close(self):
        pass


# A connection to AWS, straight or through a proxy, which may itself want TLS.
class Connection(http.client.HTTPSConnection):
    # To a proxy that wants TLS: that first, then the tunnel, then AWS's TLS within it.
    def connect(self):
        if not self._tunnel_host or not urllib.request.getproxies().get("https", "").startswith("https:"):
            return super().connect()
        straight = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = self._context.wrap_socket(straight, server_hostname=self.host)
        self._tunnel()
        self.sock = Nested(self.sock, self._context, self._tunnel_host)


# Opens such connections.
class Handler(urllib.request.HTTPSHandler):
    # Called for each request.
    def https_open(self, request):
        return self.do_open(Connection, request, context=trust())


# AWS redirects nobody: who does is not to have what was signed.
class NoRedirects(urllib.request.HTTPRedirectHandler):
    # An answer like any other that is no success.
    def redirect_request(self, *_):
        return None


# One request, and the bytes of its answer.
def send(service, region, call, headers, body):
    host = f"{JSON_SERVICES.get(service, (service,))[0]}.{region}.{os.environ['DNS_SUFFIX']}"
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    signed = sign(service, region, {**headers, "host": host}, body, read_credentials(), stamp)
    opener = urllib.request.build_opener(NoRedirects, Handler)
    try:
        return opener.open(urllib.request.Request(f"https://{host}/", body, signed), timeout=60).read()
    except urllib.error.HTTPError as error:
        raise Refused(call, error.code, *read_error(error.read())) from None


# Code and words of an error, in JSON or XML. A proxy's are in neither.
def read_error(body):
    try:
        if body.lstrip().startswith(b"<"):
            error = parse_xml(body).find(".//Error")
            return error.findtext("Code"), error.findtext("Message")
        fields = json.loads(body)
        return fields["__type"].rpartition("#")[2], fields.get("message", fields.get("Message", ""))
    except (AttributeError, KeyError, TypeError, ValueError, ElementTree.ParseError):
        return "Unknown", " ".join(body[:200].decode("utf-8", "replace").split())


# XML without the name space that every element has.
def parse_xml(body):
    root = ElementTree.fromstring(body)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


# A request until it is answered, or refused for good. With `once`, an answer that is lost is not asked for again.
def ask(service, action, headers, body, region=None, once=False):
    for attempt in range(1, ATTEMPTS + 1):
        last = once or attempt == ATTEMPTS
        try:
            return send(service, region or os.environ["REGION"], f"{service}:{action}", headers, body)
        except Refused as refused:
            if last or refused.status < 500 and refused.status != 429 and refused.code not in PASSING:
                raise
        except (OSError, http.client.HTTPException) as error:
            if last:
                raise OSError(f"{service}:{action}: {error}") from None
        time.sleep(min(20, 2**attempt * random.random()))


# Asks a service that takes JSON.
def ask_json(service, action, region=None, **body):
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"{JSON_SERVICES[service][1]}.{action}"}
    return json.loads(ask(service, action, headers, json.dumps(body).encode(), region) or b"{}")


# Asks EC2. Lists are numbered in the names of their parameters.
def ask_ec2(action, once=False, **parameters):
    body = urllib.parse.urlencode({"Action": action, "Version": "2016-11-15", **parameters}).encode()
    return parse_xml(ask("ec2", action, {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, body, once=once))


# Tags as parameters of EC2, numbered behind `prefix`.
def number_tags(prefix, tags):
    return {f"{prefix}.{index}.{part}": text for index, tag in enumerate(tags, 1) for part, text in zip(("Key", "Value"), tag)}


# Tags of a resource in EC2's answer.
def read_tags(element):
    return [(tag.findtext("key"), tag.findtext("value") or "") for tag in element.iterfind("tagSet/item")]


# The one volume.
def find_volume(volume):
    return ask_ec2("DescribeVolumes", **{"VolumeId.1": volume}).find("volumeSet/item")


# Snapshots of a volume, of all pages.
def find_snapshots(volume, **filters):
    found, token = [], None
    filters = {"Owner.1": "self", "Filter.1.Name": "volume-id", "Filter.1.Value.1": volume, **filters}
    while token != "":
        answer = ask_ec2("DescribeSnapshots", **filters, **({"NextToken": token} if token else {}))
        found += answer.iterfind("snapshotSet/item")
        token = answer.findtext("nextToken") or ""
    return found


# Operation: the value of a parameter, or nothing if there is none.
def read_parameter(name):
    try:
        print(ask_json("ssm", "GetParameter", Name=name)["Parameter"]["Value"])
    except Refused as refused:
        if refused.code != "ParameterNotFound":
            raise


# Operation: the values of all parameters below a path, in the order of their names.
def read_parameters(path):
    found, token = [], {}
    while token is not None:
        answer = ask_json("ssm", "GetParametersByPath", Path=path, **token)
        found += answer["Parameters"]
        token = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else None
    for parameter in sorted(found, key=lambda parameter: parameter["Name"]):
        print(parameter["Value"])


# Operation: attaches a volume. Prints `attached`, or the code that says that it is not free.
def attach(volume, instance, device):
    try:
        ask_ec2("AttachVolume", VolumeId=volume, InstanceId=instance, Device=device)
        print("attached")
    except Refused as refused:
        if refused.code not in ("VolumeInUse", "IncorrectState"):
            raise
        print(refused.code)


# Operation: the instance that has a volume, or nothing.
def read_holder(volume):
    print(find_volume(volume).findtext("attachmentSet/item/instanceId") or "")


# Operation: the state of an instance, or nothing if there is none by this id.
def read_state(instance):
    try:
        print(ask_ec2("DescribeInstances", **{"InstanceId.1": instance}).findtext(".//instanceState/name") or "")
    except Refused as refused:
        if refused.code not in ("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"):
            raise


# Operation: the tags of a volume, a line `KEY VALUE` each, separated by a tab.
def read_volume_tags(volume):
    for tag in read_tags(find_volume(volume)):
        print(*tag, sep="\t")


# Operation: tags a resource, by words KEY=VALUE, in one call.
def tag(resource, *tags):
    ask_ec2("CreateTags", **{"ResourceId.1": resource}, **number_tags("Tag", [tag.split("=", 1) for tag in tags]))


# Operation: the content of the newest snapshot of a volume that a build made and that is not in error. DLM's own bear the volume's tags too, but rotation
# promotes none of them here: if a build's is missing, only another build brings one. A snapshot of another cache, whose volume was renamed, is none of ours.
def read_snapshot_content(volume, name, architecture):
    built = [
        (snapshot.findtext("startTime"), tags.get("docker-cache:content", ""), tags.get("docker-cache:name"), tags.get("docker-cache:architecture"))
        for snapshot in find_snapshots(volume)
        for tags in [dict(read_tags(snapshot))]
        if snapshot.findtext("status") != "error" and not any(key.startswith("aws:") for key in tags)
    ]
    newest = max(built, key=lambda one: one[0], default=None)
    print(newest[1] if newest and newest[2:] == (name, architecture) else "")


# Operation: the snapshot that a build has made of a volume, made now if there is none, so that no retry makes a second one. It has the volume's tags from
# its first moment on. If the role may not write some of them, ours alone.
def snapshot(volume, build, description):
    ours = {"Filter.2.Name": "tag:docker-cache:build-id", "Filter.2.Value.1": build}
    for found in find_snapshots(volume, **ours):
        return print(found.findtext("snapshotId"))
    tags = [tag for tag in read_tags(find_volume(volume)) if tag[0] in OF_SNAPSHOTS or not tag[0].startswith(("aws:", "docker-cache:"))]
    try:
        print(create_snapshot(volume, description, tags))
    except Refused as refused:
        if refused.code != "UnauthorizedOperation":
            raise
        print(f"docker-cache: AWS: {refused}", file=sys.stderr)
        print(create_snapshot(volume, description, [tag for tag in tags if tag[0] in OF_SNAPSHOTS]))


# A new snapshot's id. Never asked for twice: EC2 would make two.
def create_snapshot(volume, description, tags):
    specification = {"TagSpecification.1.ResourceType": "snapshot", **number_tags("TagSpecification.1.Tag", tags)}
    return ask_ec2("CreateSnapshot", once=True, VolumeId=volume, Description=description, **specification).findtext("snapshotId")


# Operation: sends the lines of a file from number `first` on to a stream, which is made if there is none. Prints the number of the first line that is not
# sent. In batches far below the limits of PutLogEvents (1 MiB, 10,000 events, of which each counts 26 bytes more).
def ship(group, stream, path, first):
    lines = open(path, "rb").read().split(b"\n")[:-1]
    sent = int(first)
    try:
        while sent < len(lines):
            batch, size = [], 0
            for line in lines[sent : sent + 500]:
                text = line.decode("utf-8", "replace")[:4000] or " "
                size += len(text.encode()) + 26
                if batch and size > 500_000:
                    break
                batch.append(text)
            put_events(group, stream, batch)
            sent += len(batch)
    finally:
        print(sent)


# Operation: a file as the one event of a stream.
def publish(group, stream, path):
    put_events(group, stream, [open(path).read()])


# Events of now, in a stream that may not be there yet.
def put_events(group, stream, messages):
    events = [{"timestamp": int(time.time() * 1000), "message": message} for message in messages]
    try:
        ask_json("logs", "PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)
    except Refused as refused:
        if refused.code != "ResourceNotFoundException":
            raise
        make_stream(group, stream)
        ask_json("logs", "PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)


# A stream. One that a request has made whose answer was lost is ours.
def make_stream(group, stream):
    try:
        ask_json("logs", "CreateLogStream", logGroupName=group, logStreamName=stream)
    except Refused as refused:
        if refused.code != "ResourceAlreadyExistsException":
            raise


# Operation: adds a login for a registry in ECR, whose region may be another.
def login_ecr(host, region):
    answer = ask_json("ecr", "GetAuthorizationToken", region)
    add_login(host, answer["authorizationData"][0]["authorizationToken"])


# Operation: adds a login for another registry, by a secret.
def login_secret(host, secret):
    text = ask_json("secretsmanager", "GetSecretValue", SecretId=secret).get("SecretString", "")
    try:
        fields = json.loads(text)
        login = f"{fields.get('username', 'token')}:{fields.get('password') or fields['accessToken']}"
    except (AttributeError, KeyError, ValueError):
        # Without the chain of exceptions: it would say what stands in the secret.
        raise OSError(f"the secret for {host} must be JSON with username and password, or accessToken") from None
    add_login(host, base64.b64encode(login.encode()).decode())


# Merges a login into the configuration of Docker's client, which lies in memory. The file is never half-written.
def add_login(host, login):
    path = os.path.join(os.environ["DOCKER_CONFIG"], "config.json")
    config = json.load(open(path)) if os.path.exists(path) else {}
    key = "https://index.docker.io/v1/" if host in ("docker.io", "index.docker.io", "registry-1.docker.io") else host
    config.setdefault("auths", {})[key] = {"auth": login}
    os.umask(0o077)
    with open(path + ".new", "w") as file:
        json.dump(config, file)
    os.replace(path + ".new", path)


# All of the time is up. It is no failure of one request, which would be sent again.
class TimeIsUp(BaseException):
    pass


# Ends what takes too long.
def give_up(*_):
    raise TimeIsUp(f"no end within {os.environ.get('AWS_SECONDS', '300')} s")


OPERATIONS = {
    function.__name__.replace("_", "-"): function
    for function in (
        attach, login_ecr, login_secret, publish, read_holder, read_parameter, read_parameters, read_snapshot_content, read_state, read_volume_tags, ship, snapshot, tag,
    )
}


# An operation, within its time.
def main(operation, *words):
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(int(os.environ.get("AWS_SECONDS", "300")))
    try:
        OPERATIONS[operation](*words)
    except (Refused, OSError, http.client.HTTPException, TimeIsUp) as error:
        sys.exit(f"docker-cache: AWS: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
