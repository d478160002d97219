# Asks the metadata service where there is no curl, without a proxy. Prints the answers, a line each.
#
#     ask-metadata.py METHOD HEADER URL...
import sys, urllib.request

name, value = sys.argv[2].split(": ")
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for url in sys.argv[3:]:
    print(opener.open(urllib.request.Request(url, None, {name: value}, method=sys.argv[1]), timeout=5).read().decode())
