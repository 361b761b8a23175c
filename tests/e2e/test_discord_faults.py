"""What may go wrong with Discord: servers that are down, too busy, silent, or send what they should not."""
import asyncio
import time

from discord_world import DiscordWorld
from faults import Faulty, survive_all
from talk import OPENING
from world import main

HELLO = '(?i)not a doctor'
BAN = {'status': 403, 'headers': {'Content-Type': 'text/html'}, 'body': '<!doctype html><html>error code: 1015</html>'}


class OneOfAll(Faulty, DiscordWorld):
    READY = 'discord: ready as lippy'
    POST = {'path': '/messages$', 'method': 'POST'}
    LIMITED = '{"message":"slow down","retry_after":1.5,"global":false}'

    async def ask_one(self):
        await self.fake.tell('say', user='alice', where='private', text='help')

    async def said(self):
        return [seen for seen in self.alice.seen if seen['by'] == 'lippy']


class Faults(DiscordWorld):
    async def test_all_that_befalls_platforms(self):
        await survive_all(self, OneOfAll, 'discord')

    async def test_too_many_requests(self):
        await self.fake.tell('fault', upgrade={'status': 429, 'headers': {'Retry-After': '2'}, 'times': 1},
                             http={'path': 'gateway', 'status': 429, 'headers': {'Retry-After': '1'},
                                   'body': '{"message":"slow down","retry_after":1.0,"global":true}', 'times': 1})
        begun = time.monotonic()
        bot = await self.started()
        self.assertGreater(time.monotonic() - begun, 3)
        await self.fake.tell('fault', http={'path': 'messages', 'status': 429, 'headers': {'Retry-After': '1'},
                                            'body': '{"message":"slow down","retry_after":0.7,"global":false}', 'times': 2})
        begun = time.monotonic()
        self.assertRegex(await self.alice.ask(OPENING, 'private'), HELLO)
        self.assertGreater(time.monotonic() - begun, 1.4)
        await self.alice.hears_nothing()
        self.assertEqual(await bot.stop(), 0)

    async def test_banned_by_cloudflare(self):
        await self.fake.tell('fault', http={'path': '', **BAN})
        bot = self.bot(long_pause_seconds=2)
        await bot.logged('Cloudflare keeps this address out')
        await asyncio.sleep(1)
        self.assertEqual((await self.fake.tell('counts'))['requests'], 1)
        await self.fake.tell('fault')
        await bot.logged('ready as')
        await self.fake.tell('fault', http={'path': 'messages', **BAN})
        self.alice.say(OPENING, 'private')
        await bot.logged('cannot be delivered: Cloudflare')
        before = (await self.fake.tell('counts'))['requests']
        for _ in range(5):
            self.alice.say('hello?', 'private')
        await self.alice.hears_nothing(2)
        self.assertLessEqual((await self.fake.tell('counts'))['requests'], before)
        self.assertEqual(await bot.stop(), 0)

    async def test_requests_that_fail(self):
        """Carried out though they seem to fail, or not answered at all, while events pour in: each answer is there once."""
        bot = await self.started(connect_seconds=2)
        for fault in ({'status': 500, 'late': True}, {'status': 0, 'late': True}, {'status': 503}):
            await self.fake.tell('fault', http={'path': 'messages', 'times': 1, **fault})
            self.alice.say(OPENING, 'private')
            for i in range(300):
                await self.fake.tell('op', op=0, t='TYPING_START', s=None, d={'n': i})
            self.assertEqual(len(await self.alice.hear(settle=1.5)), 1)
        self.assertEqual(bot.count('ready as'), 1)
        self.assertEqual(await bot.stop(), 0)

    async def test_frames_of_all_kinds(self):
        bot = await self.started()
        await self.fake.tell('send', text='{"t":"GUILD_CREATE","s":null,"op":0,"d":{"members":[%s]}}' % ','.join(['{"a":"x"}'] * 1000000))
        await self.fake.tell('op', op=99, d={})
        await self.fake.tell('op', op=0, t='MESSAGE_CREATE', d={'id': None, 'author': None, 'content': 7})
        message = await self.alice.do('say', where='private', text=OPENING)
        self.assertEqual(len(await self.alice.hear()), 1)
        await self.fake.tell('op', op=0, t='MESSAGE_CREATE', s=1, d=message)  # replayed
        await self.alice.hears_nothing()
        self.assertEqual(bot.count('ready as'), 1)
        await self.fake.tell('send', text='{"op":')
        await bot.logged('ready as', times=2)
        self.assertEqual(await bot.stop(), 0)

    async def test_a_server_that_no_longer_answers(self):
        await self.fake.tell('set', heartbeat=1000)
        bot = await self.started()
        await asyncio.sleep(3)
        self.assertEqual(bot.count('ready as'), 1)
        await self.fake.tell('set', acks=False)
        await bot.logged('no longer answers the heartbeat')
        await self.fake.tell('set', acks=True)
        await bot.logged('ready as', times=2)
        self.assertEqual(await self.logins(), 1)
        self.assertEqual(await bot.stop(), 0)

    async def test_few_logins_left(self):
        await self.fake.tell('set', remaining=10)
        bot = self.bot()
        await bot.logged('only 10 logins are left')
        await asyncio.sleep(1)
        self.assertEqual((await self.fake.tell('set'))['remaining'], 10)
        self.assertEqual(await bot.stop(), 0)

    async def test_a_click_that_cannot_be_answered_in_time(self):
        """is answered in direct messages."""
        bot = await self.started()
        await self.fake.tell('fault', http={'path': 'callback', 'status': 404, 'body': '{"code":10062}', 'times': 1})
        self.alice.say(OPENING, 'command')
        (place, text), = await self.alice.hear()
        self.assertEqual(place, 'private')
        self.assertRegex(text, HELLO)
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    main()
