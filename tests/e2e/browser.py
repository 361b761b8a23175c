"""The browser as Python sees it: the same ask() as a Human's."""
import asyncio
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def find_chromium():
    """Its path. Where there is none the test ends: as skipped on Ubuntu, whose Chromium is a snap, else as failed."""
    for name in ('chromium', 'chromium-browser', 'google-chrome', 'chrome'):
        path = shutil.which(name)
        if path and not os.path.realpath(path).startswith('/snap') and not os.path.realpath(path).endswith('/snap'):
            return path
    with open('/etc/os-release', encoding='utf-8') as f:
        ubuntu = 'ID=ubuntu' in f.read().split()
    print('There is no Chromium here.')
    sys.exit(77 if ubuntu else 1)


class Browser:
    def __init__(self, server, name, peer='lippy'):
        self.options = {
            'websocket': 'ws://127.0.0.1:%d/xmpp-websocket' % server.ws, 'jid': '%s@%s' % (name, server.domain),
            'password': server.passwords[name], 'room': server.room, 'peer': peer, 'chromium': find_chromium(),
        }

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            'node', os.path.join(HERE, 'browser.mjs'), json.dumps(self.options), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, limit=1 << 20)
        await self._answer(90)
        return self

    async def _answer(self, seconds):
        line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        if not line:
            raise AssertionError('the browser has ended')
        return json.loads(line)

    async def order(self, seconds=30, **what):
        self.process.stdin.write(json.dumps(what).encode() + b'\n')
        return await self._answer(seconds)

    async def ask(self, text, where='room'):
        assert where == 'room'
        heard = (await self.order(say=text))['heard']
        if not heard:
            raise AssertionError('no answer to %r' % text)
        return '\n'.join(heard).replace('\u200b', '\n')  # how Converse.js shows an empty line

    async def stop(self):
        if self.process.returncode is None:
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), 20)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
        return self.process.returncode
