"""The web without a browser: who may ask for what, whose talk it is, and what a hostile peer gets."""
import asyncio
import os
import socket

import websockets

from talk import OPENING, check, whole_talk
from web_world import Tab, WebWorld
from world import main


class Requests(WebWorld):
    async def test_pages(self):
        bot = await self.web()
        page = bot.get()
        self.assertEqual(page.status, 200)
        self.assertIn('<html lang="en">', page.text)
        policy = page.getheader('content-security-policy')
        for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"):
            self.assertIn(rule, policy)
        self.assertNotIn('unsafe', policy)
        self.assertEqual(page.getheader('x-content-type-options'), 'nosniff')
        self.assertEqual(page.getheader('referrer-policy'), 'no-referrer')
        self.assertEqual(page.getheader('cache-control'), 'no-store')
        self.assertRegex(page.getheader('set-cookie'), '^lippy=[0-9a-f]{64}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$')
        self.assertNotRegex(page.text, r'https?://|style=|<script>|onclick')  # nothing from elsewhere, nothing inline
        for path, kind in (('/page.js', 'text/javascript'), ('/page.css', 'text/css'), ('/icon.svg', 'image/svg+xml')):
            file = bot.get(path)
            self.assertEqual((file.status, file.getheader('content-type').split(';')[0]), (200, kind))
            self.assertIn("default-src 'none'", file.getheader('content-security-policy'))
            self.assertIsNone(file.getheader('set-cookie'))
            head = bot.get(path, 'HEAD')
            self.assertEqual((head.status, head.text, head.getheader('content-length')), (200, '', str(len(file.text.encode()))))
        for path in ('/nothing', '/../bot/main.c', '/page.js/..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/page.js.map'):
            self.assertIn(bot.get(path).status, (403, 404), path)
        self.assertEqual(bot.get('/talk').status, 426)
        self.assertEqual(bot.get('/', 'DELETE').status, 405)
        for host in ('evil.example', 'evil.example:%d' % bot.port, ''):
            self.assertEqual(bot.get(Host=host).status, 421)  # a name that somebody made point here
        self.assertEqual(bot.get(Host='localhost').status, 200)
        self.assertEqual(await bot.stop(), 0)

    async def test_cookie_is_kept(self):
        bot = await self.web()
        cookie = bot.cookie()
        self.assertEqual(bot.get(Cookie='a=b; %s; c=d' % cookie).getheader('set-cookie').split(';')[0], cookie)
        wrong = cookie[:-1] + ('0' if cookie[-1] != '0' else '1')
        self.assertNotIn(bot.get(Cookie=wrong).getheader('set-cookie').split(';')[0], (cookie, wrong))
        self.assertEqual(len({bot.cookie() for _ in range(20)}), 20)

    async def test_who_may_open(self):
        bot = await self.web()
        cookie = bot.cookie()
        self.assertEqual(await bot.status(cookie=cookie), 101)
        self.assertEqual(await bot.status(), 403)
        self.assertEqual(await bot.status(cookie='lippy=' + 64 * '0'), 403)
        for origin in ('http://evil.example', 'https://127.0.0.1:%d' % bot.port, 'http://127.0.0.1', 'null', bot.origin + '.evil.example'):
            self.assertEqual(await bot.status(cookie=cookie, origin=origin), 403, origin)

    async def test_behind_https(self):
        bot = await self.web(origin='https://lippy.example.org', behind_proxy='yes')
        page = bot.get(Host='lippy.example.org')
        self.assertRegex(page.getheader('set-cookie'), '^__Host-lippy=[0-9a-f]{64}; .*; Secure$')
        cookie = page.getheader('set-cookie').split(';')[0]
        self.assertEqual(await bot.status(cookie=cookie), 403)
        self.assertEqual(await bot.status(cookie=cookie, origin='https://lippy.example.org'), 101)

    async def test_port_taken(self):
        bot = await self.web()
        other = self.keep(type(bot)(self.folder, port=bot.port))
        self.assertEqual(await other.ended(), 4)
        self.assertRegex(other.log(), 'cannot listen at .*in use')


class Talks(WebWorld):
    async def web(self, **settings):
        return await super().web(messages_per_minute=6000, messages_per_minute_per_address=6000, **settings)

    async def test_whole_talk(self):
        bot = await self.web()
        tab = await self.tab(bot)
        heard = await whole_talk(tab.ask, OPENING)
        check(self, heard)
        levels = [part.get('level', 0) for frame in tab.frames for part in frame.get('parts', [])]
        self.assertEqual(max(levels), 1)
        self.assertNotIn(OPENING, bot.log())
        self.assertEqual(await bot.stop(), 0)
        with self.assertRaises(websockets.exceptions.ConnectionClosed):
            await tab.take()
        self.assertEqual(tab.ws.close_code, 1001)

    async def test_emergency(self):
        tab = await self.tab(await self.web())
        parts = await tab.say('my mouth dropped on one side an hour ago')
        alarm = [part for part in parts if part.get('level') == 4]
        self.assertEqual(len(alarm), 1)
        self.assertRegex(alarm[0]['text'], r'^\*Call .*(112|999)')

    async def test_several_picked(self):
        tab = await self.tab(await self.web())
        await tab.say('my lip twitches')
        await tab.say('me, 70, a man')
        question = (await tab.say('none'))[-1] if 'together' not in tab.frames[-1]['parts'][-1] else tab.frames[-1]['parts'][-1]
        self.assertEqual(question['together'], len(question['choices']) - 2)
        await tab.say('1, 2', **{'as': 'a face that droops\na weak arm'})
        self.assertEqual([frame['me'] for frame in tab.frames if 'me' in frame][-1], 'a face that droops\na weak arm')

    async def test_after_a_cut(self):
        bot = await self.web()
        tab = await self.tab(bot)
        await tab.say('my upper lip twitches')
        before = [frame for frame in tab.frames if 'n' in frame]
        tab.ws.transport.abort()
        self.assertEqual([list(frame) for frame in await tab.open()], [['talk'], ['live']])  # it has all of it
        other = Tab(bot, tab.cookie)
        again = await other.open()
        self.addAsyncCleanup(other.close)
        self.assertEqual([frame for frame in again if 'n' in frame], before)
        # said in one, shown in both, and answered once
        await tab.say('me, 40')
        seen = await other.until('parts')
        self.assertEqual([frame.get('me') for frame in seen if 'me' in frame], ['me, 40'])
        self.assertEqual(seen[-1], tab.frames[-1])

    async def test_sent_twice(self):
        tab = await self.tab(await self.web())
        await tab.say('my upper lip twitches')
        await tab.send(say='my upper lip twitches', id='id-1')
        self.assertEqual(await tab.take(), {'had': 'id-1'})

    async def test_two_people(self):
        bot = await self.web()
        one, two = await self.tab(bot), await self.tab(bot)
        await one.say('my upper lip twitches and I take lithium')
        with self.assertRaises(asyncio.TimeoutError):
            await two.take(0.3)
        stranger = Tab(bot)
        stranger.talk = one.talk  # knowing its name opens nothing
        self.assertEqual([frame.get('talk', 'none') for frame in await stranger.open()], ['', 'none'])
        self.addAsyncCleanup(stranger.close)

    async def test_delete(self):
        bot = await self.web()
        tab = await self.tab(bot)
        await tab.say('my upper lip twitches')
        first = tab.talk
        parts = await tab.say('delete')
        self.assertIn('forgotten', parts[0]['text'])
        self.assertNotEqual(tab.talk, first)
        other = Tab(bot, tab.cookie)
        frames = await other.open()
        self.addAsyncCleanup(other.close)
        self.assertEqual([frame['n'] for frame in frames if 'n' in frame], [1])
        self.assertNotIn('twitches', str(frames))


class Limits(WebWorld):
    async def test_messages(self):
        bot = await self.web(messages_per_minute=60, messages_per_minute_per_address=6000)
        tab = await self.tab(bot)
        for i in range(20):
            await tab.send(say='and why?', id='x%d' % i)
        frames = await tab.until('wait')
        self.assertEqual(frames[-1]['wait'], 1)
        refused = frames[-1]['id']
        while 'wait' in frames[-1]:
            await asyncio.sleep(1.1)
            await tab.send(say='and why?', id=refused)
            while frames[-1].get('id') != refused or 'me' not in frames[-1]:
                frames.append(await tab.take())

    async def test_flood_is_cut(self):
        bot = await self.web(messages_per_minute=6, messages_per_minute_per_address=6000)
        tab = await self.tab(bot)
        for i in range(100):
            await tab.send(say='x', id='x%d' % i)
        with self.assertRaises(websockets.exceptions.ConnectionClosed):
            while True:
                await tab.take()
        self.assertEqual(tab.ws.close_code, 1008)
        await self.tab(bot)  # others, and the same person, go on

    async def test_frames(self):
        bot = await self.web()
        for frame, code in (('{"hello":"","after":0}' + 5000 * ' ', 1009), (b'{"hello":""}', 1008), ('{', 1008), ('[]', 1008),
                            ('{"say":"x","id":"1"}', 1008), ('{"hello":7}', 1008), ('{"hello":"","hello":{}}', None), (10000000 * 'x', 1009)):
            ws = await bot.knock(bot.cookie())
            try:
                await ws.send(frame)
                if code is None:
                    await asyncio.wait_for(ws.recv(), 5)
                else:
                    await asyncio.wait_for(ws.recv(), 5)
            except websockets.exceptions.ConnectionClosed:
                pass
            if code:
                self.assertEqual(ws.close_code, code, frame[:40])
            await ws.close()
        tab = await self.tab(bot)
        for wrong in ({'say': 'x'}, {'say': 'x', 'id': 50 * 'x'}, {'say': '', 'id': '1'}, {'hello': '', 'after': 0}):
            tab = await self.tab(bot)
            await tab.send(**wrong)
            with self.assertRaises(websockets.exceptions.ConnectionClosed):
                await tab.take()
            self.assertEqual(tab.ws.close_code, 1008)

    async def test_tabs(self):
        bot = await self.web()
        first = await self.tab(bot)
        for _ in range(8):
            await self.tab(bot, first.cookie)
        with self.assertRaises(websockets.exceptions.ConnectionClosed):
            await first.take()
        self.assertEqual(first.ws.close_code, 4001)

    async def test_connections(self):
        bot = await self.web(connections_per_address=5)
        lines = [socket.create_connection(('127.0.0.1', bot.port), timeout=5) for _ in range(5)]
        refused = socket.create_connection(('127.0.0.1', bot.port), timeout=5)
        self.assertEqual(refused.recv(1), b'')
        for line in lines + [refused]:
            line.close()
        await asyncio.sleep(0.3)
        self.assertEqual(bot.get().status, 200)

    async def test_no_http(self):
        bot = await self.web()
        for rubbish in (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', b'CONNECT x:1 HTTP/1.1\r\n\r\n', 3000 * b'x' + b'\r\n\r\n',
                        b'GET /' + 9000 * b'a' + b' HTTP/1.1\r\n\r\n', b'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: h2c\r\n\r\n',
                        b'GET / HTTP/1.1\r\n' + b'X: ' + 9000 * b'y' + b'\r\n\r\n', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'):
            line = socket.create_connection(('127.0.0.1', bot.port), timeout=5)
            line.sendall(rubbish)
            line.shutdown(socket.SHUT_WR)
            try:
                while line.recv(4096):
                    pass
            except ConnectionResetError:
                pass
            line.close()
        self.assertEqual(bot.get().status, 200)
        self.assertEqual(await bot.stop(), 0)

    async def test_slow_reader(self):
        frugal = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':quarantine_size_mb=1:detect_stack_use_after_return=0'}  # which keep memory
        bot = await self.web(messages_per_minute=6000, messages_per_minute_per_address=60000, environment=frugal)
        slow, busy = await self.tab(bot), None
        slow.ws.transport.pause_reading()
        sock = slow.ws.transport.get_extra_info('socket')
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        busy = await self.tab(bot, slow.cookie)
        before = memory_of(bot)
        for i in range(400):
            await asyncio.sleep(0.011)
            await busy.say('help', **{'as': 3000 * 'x'})
        self.assertLess(memory_of(bot) - before, 8 << 20)
        slow.ws.transport.resume_reading()
        with self.assertRaises(websockets.exceptions.ConnectionClosed):
            for _ in range(i):
                await slow.until('parts')  # but not all of them
        self.assertEqual(bot.get().status, 200)


def memory_of(bot):
    with open('/proc/%d/statm' % bot.process.pid, encoding='ascii') as f:
        return int(f.read().split()[1]) * 4096


if __name__ == '__main__':
    main()
