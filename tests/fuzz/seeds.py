#!/usr/bin/env python3
"""Inputs for the fuzzers to begin with, made of what the repository has: seeds.py FOLDER fills FOLDER/text, FOLDER/load and so on."""
import json, pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path(sys.argv[1])


def put(surface, name, content):
    folder = OUT / surface
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def objects(pattern):
    for path in sorted((ROOT / "tests/data").glob(pattern)):
        for line in path.read_text().splitlines():
            yield json.loads(line)


def chunks(items, size):
    items = list(items)
    return [items[i:i + size] for i in range(0, len(items), size)]


talks = sorted((ROOT / "dialogs").glob("*/talks/*.talk"))
for path in talks:
    lines = path.read_text().splitlines()
    put("text", f"talk-{path.parent.parent.name}-{path.stem}", "\n".join(line[2:] for line in lines if line.startswith("> ")))
    put("talk", f"{path.parent.parent.name}-{path.stem}", path.read_bytes())
for i, chunk in enumerate(chunks((u["text"] for u in objects("utterances-*.jsonl")), 8)):
    put("text", f"utterances-{i}", "\n".join(chunk))
for persona in objects("personas-own.jsonl"):
    put("text", f"persona-{persona['id']}", "\n".join([persona["opening"], *persona["answers"].values()]))
put("text", "room", "@r\nlippy, my lip twitches\nin private\n@p\nno\n@a\nyes\n@h\n@r\nhello\nhere\nnone of those\n@m\nhi\n@g\n41")

mini = sorted((ROOT / "tests/data/mini").glob("*.yaml"))
for path in mini:
    put("load", path.name, f"=== {path.name}\n".encode() + path.read_bytes())
put("load", "all", b"".join(f"=== {path.name}\n".encode() + path.read_bytes() for path in mini))

for path in sorted((ROOT / "tests/wire/xmpp").glob("*.txt")):
    lines = [line for line in path.read_bytes().split(b"\n") if re.match(rb"S |@(?!config)", line)]
    put("xmpp", path.stem, b"\n".join(lines))
    put("xmpp_parts", path.stem, max((line[2:] for line in lines if line.startswith(b"S ")), key=len, default=b"<a/>"))
for path in sorted(path for name in ("irc", "mattermost", "discord", "slack") for path in (ROOT / "tests/wire" / name).glob("*.txt")):
    put(path.parent.name, path.stem, b"\n".join(line for line in path.read_bytes().split(b"\n") if re.match(rb"S |@", line)))
put("web", "talk", 'a 1\nw 1 1\nf 1 {"hello":"","after":0}\nf 1 {"say":"my lip","id":"1"}\nl 1\na 2\nw 2 1\nf 2 {"hello":"x","after":1}\nd 1\nt 1000')
for i, text in enumerate(["a@b", "Clinic@Rooms.localhost/Alice B", "r=x,s=QSXCR+Q6sek8bf92,i=4096", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "bGlwcHk=",
                          "lippy: hello", "hey @lippy", "\u212bngstr\u00f6m@\ufb01.example"]):
    put("xmpp_parts", f"text-{i}", text)

for i, u in enumerate(list(objects("utterances-dev.jsonl"))[::8]):
    put("json_line", f"line-{i}", json.dumps({"text": u["text"], "asked": u["asked"]}))
    put("json_line", f"plain-{i}", u["text"])

put("config", "example", (ROOT / "config.example.ini").read_bytes())
put("config", "whole", "[bot]\ndialogs = one, /two\ncountry = DE\nlog = debug\nmax_sessions = 7\n[xmpp]\njid = lippy@example.org/room\n"
    "password_env = PW\nnick = Lippy\nrooms = a@rooms.example.org,\n  b@rooms.example.org\nwebsocket = wss://example.org:5281/ws\n"
    "connect_address = [::1]:99\nallow_plain_ws = yes\n")
put("config", "url", "wss://[::1]:443/xmpp-websocket")
put("config", "host-meta", json.dumps({"links": [{"rel": "urn:xmpp:alt-connections:websocket", "href": "wss://example.org/ws"}]}))
