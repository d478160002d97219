"""Runs moto's server and ends with the process that started it.

Usage: server.py, with a pipe as standard input. It prints the port that the kernel gave it. When the other end of the
pipe is closed, for any reason (kill -9 of the parent included), this process ends too. Nothing has to remember to stop it.

moto lives in the lab's time, which each request names in the header x-lab-time (milliseconds since 1970). Otherwise what
it dates itself (launches of instances, versions of parameters, volumes) would be older than what the front dates.
"""

import datetime
import os
import sys
import threading
import time

import moto.core.utils

offset_seconds = 0.0
machine_utcnow = moto.core.utils.utcnow


def lab_utcnow() -> datetime.datetime:
    return machine_utcnow() + datetime.timedelta(seconds=offset_seconds)


# Before the rest of moto is loaded, whose modules take the function by name.
for module in list(sys.modules.values()):
    if getattr(module, "utcnow", None) is machine_utcnow:
        module.utcnow = lab_utcnow

import moto.ecr.models  # noqa: E402
import moto.s3.models  # noqa: E402
from moto.iam.access_control import PermissionResult  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402


class LabDatetime(datetime.datetime):
    """When ECR's images were pushed."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=offset_seconds)


moto.ecr.models.datetime = LabDatetime

# moto takes every statement of a bucket's policy that has a condition for a denial, and looks at no principal: lab/iam judges them.
moto.s3.models.FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL

# As the API's model has it: moto knows neither two underscores in a row nor more dashes than one.
ECR_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
moto.ecr.models.ECR_REPOSITORY_NAME_PATTERN = f"{ECR_NAME}(?:/{ECR_NAME})*"

# moto takes the wildcards of exclusions for regular expressions, and fails without a tag: lab/aws/services/ecr says which tags may move.
moto.ecr.models.ECRBackend._resolve_image_tag_mutability = lambda _, repository, tag: [
    image for image in repository.images if tag is not None and tag in image.image_tags
]

serve = DomainDispatcherApplication.__call__


def serve_in_lab_time(self, environ, start_response):
    global offset_seconds
    if "HTTP_X_LAB_TIME" in environ:
        offset_seconds = int(environ["HTTP_X_LAB_TIME"]) / 1000 - time.time()
    return serve(self, environ, start_response)


DomainDispatcherApplication.__call__ = serve_in_lab_time


def end_with_parent() -> None:
    while os.read(0, 4096):  # nothing is ever written: this waits for the end
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
os.environ["MOTO_PORT"] = str(server.port)
print(server.port, flush=True)
server.serve_forever()
