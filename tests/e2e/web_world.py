"""The bot as its own chat room: a page and a websocket on a port of loopback, and people who open it without a browser."""
import asyncio
import http.client
import json
import os
import signal

import websockets

from browser import HERE, find_chromium
from world import ARTEFACTS, Bot, World, free_ports


class WebBot(Bot):
    def __init__(self, folder, name='web', country=None, environment={}, others={}, **settings):
        self.port = settings['port'] = settings.get('port') or free_ports(1)[0]
        super().__init__(folder, {'password_file': None, **settings}, 'none-at-all', name, environment, 'web', others, country=country)
        self.origin = 'http://127.0.0.1:%d' % self.port

    def freeze(self):
        """Nothing is lost; nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def get(self, path='/', method='GET', **headers):
        """An answer with its body; headers with _ for -."""
        line = http.client.HTTPConnection('127.0.0.1', self.port, timeout=10)
        line.request(method, path, headers={name.replace('_', '-'): value for name, value in headers.items()})
        answer = line.getresponse()
        answer.text = answer.read().decode()
        line.close()
        return answer

    def cookie(self):
        return self.get().getheader('set-cookie').split(';')[0]

    async def knock(self, cookie=None, origin=None, **more):
        """A websocket, as open as the server lets it."""
        headers = {'Cookie': cookie} if cookie else {}
        return await websockets.connect(self.origin.replace('http', 'ws') + '/talk', origin=origin or self.origin,
                                        extra_headers={**headers, **more}, compression=None, open_timeout=10, close_timeout=2)

    async def status(self, **how):
        """Of a websocket that is refused; 101: it is not."""
        try:
            await (await self.knock(**how)).close()
        except websockets.exceptions.InvalidStatusCode as refused:
            return refused.status_code
        return 101


class Tab:
    """One page: what chat/web.h says of the frames."""

    def __init__(self, bot, cookie=None):
        self.bot, self.cookie, self.talk, self.last, self.ids = bot, cookie or bot.cookie(), '', 0, 0
        self.frames = []

    async def open(self):
        self.ws = await self.bot.knock(self.cookie)
        await self.send(hello=self.talk, after=self.last)
        return await self.until('live')

    async def send(self, **frame):
        await self.ws.send(json.dumps(frame))

    async def take(self, seconds=10):
        frame = json.loads(await asyncio.wait_for(self.ws.recv(), seconds))
        if frame.get('talk', self.talk) != self.talk:
            self.talk, self.last = frame['talk'], 0
        self.last = frame.get('n', self.last)
        self.frames.append(frame)
        return frame

    async def until(self, key):
        """All frames up to one that has key."""
        frames = [await self.take()]
        while key not in frames[-1]:
            frames.append(await self.take())
        return frames

    def new_id(self):
        self.ids += 1
        return 'id-%d' % self.ids

    async def say(self, text, **more):
        """The answer's parts."""
        await self.send(say=text, id=self.new_id(), **more)
        return (await self.until('parts'))[-1]['parts']

    async def ask(self, text, where=None):
        """As a Human's: text only, choices as a list."""
        lines = []
        for part in await self.say(text):
            lines.append(part['text'])
            lines += ['%d. %s' % (i + 1, choice) for i, choice in enumerate(part.get('choices', []))]
            lines.append('')
        return '\n'.join(lines).strip().replace('\n\n1. ', '\n1. ')

    async def close(self):
        await self.ws.close()


class WebWorld(World):
    server = False

    async def web(self, **settings):
        bot = self.keep(WebBot(self.folder, **settings))
        await bot.logged('the page is at')
        return bot

    async def tab(self, bot, cookie=None):
        tab = Tab(bot, cookie)
        await tab.open()
        self.addAsyncCleanup(tab.close)
        return tab


class Page:
    """A person with the page in a browser: see web.mjs."""

    def __init__(self, bot, **options):
        self.options = {'url': bot.origin + '/', 'chromium': find_chromium(), **options}

    async def start(self):
        self.process = await asyncio.create_subprocess_exec('node', os.path.join(HERE, 'web.mjs'), json.dumps(self.options),
                                                            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20)
        await self._answer()
        return self

    async def _answer(self):
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        if not line:
            raise AssertionError('the browser has ended')
        return json.loads(line)

    async def order(self, **what):
        self.process.stdin.write(json.dumps(what).encode() + b'\n')
        return await self._answer()

    async def state(self):
        return (await self.order(state=True))['state']

    async def until(self, test, seconds=20):
        """The first state that passes."""
        for _ in range(int(seconds * 10)):
            state = await self.state()
            if test(state):
                return state
            await asyncio.sleep(0.1)
        raise AssertionError('it never came to that: %s' % state)

    async def stop(self):
        if self.process.returncode is None:
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), 20)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
        return self.process.returncode


def picture(name):
    os.makedirs(ARTEFACTS, exist_ok=True)
    return os.path.join(ARTEFACTS, 'web-%s.png' % name)


class BrowserWorld(WebWorld):
    """People with the page in a browser."""

    async def page(self, bot, **options):
        page = Page(bot, **options)
        self.addAsyncCleanup(page.stop)
        return await page.start()

    async def web(self, **settings):
        return await super().web(messages_per_minute=6000, messages_per_minute_per_address=6000, **settings)

    async def sound(self, page):
        """What must hold wherever the talk is."""
        state = await page.state()
        self.assertEqual((state['elsewhere'], state['complaints'], state['cookies']), ([], [], ''))
        self.assertFalse(state['wider'] or state['slipped'])
        self.assertEqual(state['small'], [])
        found = (await page.order(axe=True))['axe']
        self.assertEqual([rule for rule in found if rule['impact'] in ('serious', 'critical', 'moderate')], [])
        return state
