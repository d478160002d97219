# What daemon.json says, and what it shall say.
#
#     docker-config.py DAEMON-JSON STORE FLAGS [MORE]
#
# Prints two lines: the data-root that it names, if any, and whatever else concerns the cache, as flags would say it. With MORE, which is JSON, prints
# what it shall be: what it says today and what MORE says, except for the image store and options of other storage drivers. What one of dockerd's FLAGS
# sets is left out: dockerd would refuse to start.
import json, os, re, sys

path, store, flags, *more = sys.argv[1:]
text = open(path, encoding="utf-8-sig").read() if os.path.exists(path) else ""
config = json.loads(text or "{}")
options = config.get("storage-opts", [])
if not more:
    print(config.get("data-root") or config.get("graph") or "")
    print(config.get("userns-remap") and "--userns-remap", *options)
    sys.exit()
config["storage-driver"] = "" if store == "containerd" else store
config["storage-opts"] = [option for option in options if option.lower().startswith("overlay2.")]
if config["storage-opts"] != options:
    print("only options of overlay2 remain of", *options, file=sys.stderr)
config.setdefault("features", {})["containerd-snapshotter"] = store == "containerd"
config.update(json.loads(more[0]))
for key in [*config]:
    # A flag that may be given more than once has no s at its end.
    if re.search(f" --{key.rstrip('s')}s?[= ]", flags) or "storage" in key and not config[key]:
        del config[key]
print(json.dumps(config, indent=2, sort_keys=True))
