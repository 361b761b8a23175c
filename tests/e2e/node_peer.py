"""Peers written in Node: fakes of platforms (see fake.mjs), and people played by a platform's official client library."""
import asyncio
import json
import os
import urllib.request

from ear import Ear
from world import HERE


class NodePeer:
    """A script of this folder. What it prints are lines of JSON; it ends when its standard input does."""

    def __init__(self, script, *arguments):
        self.words = ['node', os.path.join(HERE, script), *map(str, arguments)]

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(*self.words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                                                            limit=1 << 24)
        return await self.read()

    async def read(self, seconds=20.0):
        line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        if not line:
            raise AssertionError('%s has ended' % self.words[1])
        return json.loads(line)

    def write(self, what):
        self.process.stdin.write(json.dumps(what).encode() + b'\n')

    async def stop(self):
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 3)
        except asyncio.TimeoutError:
            self.process.kill()
            await self.process.wait()


class NodeHuman(Ear, NodePeer):
    """A person. take(line) gets each line of the script but {"ready": ...}, which says that the person is there."""
    BETWEEN = '\n\n'

    def __init__(self, *words):
        super().__init__(*words)
        self.inbox = asyncio.Queue()
        self.ready = asyncio.Event()

    async def start(self):
        self._take(await super().start())
        self.reading = asyncio.ensure_future(self._read())
        await asyncio.wait_for(self.ready.wait(), 20)
        return self

    def _take(self, line):
        if 'ready' in line:
            self.ready.set()
        else:
            self.take(line)

    async def _read(self):
        while raw := await self.process.stdout.readline():
            self._take(json.loads(raw))

    async def stop(self):
        await super().stop()
        await asyncio.wait({self.reading}, timeout=2)
        if self.reading.done() and not self.reading.cancelled() and self.reading.exception():
            raise self.reading.exception()

    def say(self, text, where='room'):
        self.write({'say': text, 'where': where})

    def leave_thread(self):
        self.write({'leave': True})


class Fake(NodePeer):
    """A fake platform on 127.0.0.1:port, with the commands of fake.mjs and its own."""

    async def start(self):
        ports = await super().start()
        self.port, self.control = ports['port'], ports['control']
        return self

    async def tell(self, command, **argument):
        """Sends a command, and gives its answer."""
        def post():
            request = urllib.request.Request('http://127.0.0.1:%d/%s' % (self.control, command), json.dumps(argument).encode())
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
                return json.load(answer)
        return await asyncio.to_thread(post)
