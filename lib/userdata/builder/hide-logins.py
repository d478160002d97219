# A text as one line that can be shown: a registry may repeat the login that it was sent, and Docker says what a registry says.
#
#     hide-logins.py FILE
#
# FILE has the text, $DOCKER_CONFIG/config.json the logins.
import base64, json, os, sys

with open(sys.argv[1], encoding="utf-8", errors="replace") as said:
    text = said.read()
try:
    with open(os.environ["DOCKER_CONFIG"] + "/config.json", encoding="utf-8") as file:
        logins = json.load(file).get("auths", {}).values()
except (FileNotFoundError, KeyError):
    logins = []
for login in logins:
    encoded = login.get("auth", "")
    try:
        password = base64.b64decode(encoded).decode().partition(":")[2]
    except ValueError:
        password = ""
    for secret in filter(None, (encoded, password)):
        text = text.replace(secret, "...")
print("".join(letter if letter.isprintable() else " " for letter in text))
