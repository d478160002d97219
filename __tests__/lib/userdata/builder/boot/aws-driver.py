# Runs lib/userdata/builder/boot/aws.py for the tests: with answers that they have written down instead of AWS's, or a part of it alone.
#
#     aws-driver.py run PLAN OPERATION WORD...     PLAN: JSON, a list of [STATUS, TEXT] for the requests in turn, or the name of a failure of the network
#     aws-driver.py sign VECTORS                   prints the signature of each of its requests
#     aws-driver.py ask AUTHORITY OPERATION WORD...    over the network, trusting a certificate alone
#
# `run` writes to standard error a line of JSON for each request and each pause. What the operation prints is on standard output.
import http.client, importlib.util, io, json, pathlib, signal, sys, urllib.error

sys.dont_write_bytecode = True
path = pathlib.Path(__file__).parents[5] / "lib/userdata/builder/boot/aws.py"
spec = importlib.util.spec_from_file_location("aws", path)
aws = importlib.util.module_from_spec(spec)
spec.loader.exec_module(aws)
FAILURES = {"refused": ConnectionRefusedError("refused"), "cut": http.client.IncompleteRead(b""), "slow": TimeoutError("timed out")}


# One line about what was done.
def tell(**what):
    print(json.dumps(what), file=sys.stderr)


# Answers in place of the network. What is sent is what the product would send.
class Opener:
    def __init__(self, plan):
        self.plan = plan

    def open(self, request, timeout=None):
        assert timeout, "a request without a bound"
        body = request.data.decode()
        tell(url=request.full_url, target=request.get_header("X-amz-target"), body=json.loads(body) if body.startswith("{") else body)
        answer = self.plan.pop(0)
        if answer == "hang":
            signal.pause()
        if isinstance(answer, str):
            raise FAILURES[answer]
        status, text = answer
        if status >= 300:
            raise urllib.error.HTTPError(request.full_url, status, "", {}, io.BytesIO(text.encode()))
        return io.BytesIO(text.encode())


mode, argument, *words = sys.argv[1:]
if mode == "sign":
    vectors = json.load(open(argument))
    for one in vectors["requests"]:
        headers = {**one["headers"], "host": one["host"]}
        signed = aws.sign(one["service"], one["region"], headers, one["body"].encode(), vectors["credentials"], one["stamp"])
        print(signed["authorization"])
    sys.exit()
aws.read_credentials = lambda: {"AccessKeyId": "a", "SecretAccessKey": "b", "Token": "c"}
if mode == "ask":
    aws.trust = lambda: aws.ssl.create_default_context(cafile=argument)
    aws.main(*words)
    sys.exit()
plan = json.loads(argument)
aws.trust = lambda: None
aws.urllib.request.build_opener = lambda *_: Opener(plan)
aws.time.sleep = lambda seconds: tell(pause=0 <= seconds <= 20)
try:
    aws.main(*words)
except SystemExit as end:
    print(f"failed: {str(end.code).removeprefix('docker-cache: AWS: ')}")
    sys.exit(1)
finally:
    if plan:
        tell(unasked=len(plan))
