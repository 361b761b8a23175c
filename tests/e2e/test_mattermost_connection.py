"""What can go wrong between the bot and a Mattermost: nothing is lost, nothing said twice, and no server is hammered."""
import asyncio
import contextlib
import json
import os
import time

from mattermost_world import MattermostWorld
from world import ARTEFACTS, main


class Connection(MattermostWorld):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.asked = 0

    async def ask(self, times=1, **more):
        """alice asks in private for what is answered by one post each."""
        for _ in range(times):
            await self.fake.tell('post', **{'user': 'alice', 'message': 'help', 'where': 'private', **more})
            self.asked += 1

    async def all_answered(self, seconds=15.0):
        end = time.monotonic() + seconds
        while len(await self.said()) < self.asked:
            if time.monotonic() > end:
                raise AssertionError('%d answers to %d questions' % (len(await self.said()), self.asked))
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.7)
        self.assertEqual(len(await self.said()), self.asked)

    async def begun(self, **settings):
        bot = self.bot(**settings)
        await bot.logged('ready as @lippy')
        await self.ask()
        await self.all_answered()
        return bot

    async def away(self, bot, forget=False, times=1):
        """The bot loses its connection and does not get another before the fault is over."""
        await self.fake.tell('fault', upgrade={'status': 503, 'times': times})
        await self.fake.tell('forget' if forget else 'drop')
        await bot.logged('again in')

    # ---- coming back ----

    async def test_resumes(self):
        bot = await self.begun()
        await self.away(bot)
        await self.ask(3)
        await bot.logged('ready as', times=2)
        await self.all_answered()
        self.assertEqual(bot.count('has not kept'), 0)
        self.assertEqual(await bot.stop(), 0)

    async def test_more_missed_than_the_server_keeps(self):
        bot = await self.begun()
        await self.away(bot)
        await self.ask()
        for _ in range(140):
            await self.fake.tell('post', user='bob', message='good morning')
        await self.ask()
        await bot.logged('has not kept')
        await self.all_answered()
        self.assertEqual(await bot.stop(), 0)

    async def test_the_server_restarts(self):
        bot = await self.begun()
        await self.away(bot, forget=True)
        await self.ask(2)
        await bot.logged('ready as', times=2)
        await self.all_answered()
        await self.ask(2)
        await self.all_answered()
        self.assertEqual(await bot.stop(), 0)

    async def test_the_bot_restarts(self):
        for forget in (False, True):
            bot = await self.begun()
            self.assertEqual(await bot.stop(), 0)
            if forget:
                await self.fake.tell('forget')
            await self.ask(2)
            bot = self.bot()
            await self.all_answered()
            await self.ask()
            await self.all_answered()
            self.assertEqual(await bot.stop(), 0)
        with open(os.path.join(self.state_dir, 'mattermost.state'), encoding='utf-8') as f:
            kept = f.read()
        self.assertNotIn('help', kept)
        self.assertNotIn(self.fake.tokens['lippy'], kept)
        self.assertTrue(json.loads(kept)['connection'])

    # ---- the token ----

    async def test_a_token_that_is_not_valid(self):
        bot = self.bot(token='wrong-Geheim-token')
        self.assertEqual(await bot.ended(), 3)
        self.assertRegex(bot.log(), 'error run: mattermost: the server refuses us.*token')
        self.assertEqual((await self.fake.tell('counts'))['requests'], 1)

    async def test_a_revoked_token(self):
        bot = await self.begun()
        await self.fake.tell('revoke', user='lippy')
        await self.fake.tell('post', user='alice', message='help', where='private')  # the websocket still brings it
        self.assertEqual(await bot.ended(), 3)
        self.assertEqual(len(await self.said()), 1)

    # ---- one fault after the other ----

    async def down_at_the_start(self):
        await self.fake.tell('stop')
        bot = self.bot()
        await bot.logged('again in', times=3)
        await self.fake.tell('start')
        return bot

    async def down_later(self):
        bot = await self.begun()
        await self.fake.tell('stop')
        await bot.logged('again in', times=2)
        await self.ask()
        await self.fake.tell('start')
        return bot

    async def cut_again_and_again(self):
        bot = await self.begun()
        await self.fake.tell('fault', drop={'after_ms': 50, 'times': 4})
        await self.fake.tell('drop')
        await self.ask()
        await bot.logged('again in', times=4, seconds=40)
        return bot

    async def upgrade_answered_429(self):
        await self.fake.tell('fault', upgrade={'status': 429, 'headers': {'Retry-After': '4'}, 'times': 1})
        bot = self.bot()
        await bot.logged(r'status 429; again in 4\.')
        await asyncio.sleep(3)
        self.assertEqual((await self.fake.tell('counts'))['upgrades'], 1)
        return bot

    async def never_answered(self):
        await self.fake.tell('fault', deaf=True)
        bot = self.bot(connect_seconds=2)
        await bot.logged('again in', times=2)
        await self.fake.tell('fault')
        return bot

    async def handshake_then_silence(self):
        await self.fake.tell('fault', silent=True)
        bot = self.bot()
        await bot.logged('no hello within 10 s')
        await self.fake.tell('fault')
        return bot

    async def events_replayed(self):
        bot = await self.begun()
        await self.ask(2)
        for _ in range(3):
            await self.fake.tell('replay')
        return bot

    async def events_out_of_order(self):
        bot = await self.begun()
        await self.fake.tell('hold')
        await self.ask(4)
        await self.fake.tell('release')
        return bot

    async def an_event_of_10_mb(self):
        bot = await self.begun()
        await self.fake.tell('send', size=10 << 20)
        await self.ask()
        await bot.logged('an event of 10485760 bytes is passed over')
        return bot

    async def broken_json(self):
        bot = await self.begun()
        await self.fake.tell('send', text='{"event":"posted","data":{')
        await self.ask()
        await bot.logged('something that is no event')
        return bot

    async def rest_500(self):
        bot = await self.begun()
        await self.fake.tell('fault', http={'path': '/posts$', 'method': 'POST', 'status': 500, 'times': 2})
        await self.ask(2)
        return bot

    async def rest_500_though_it_was_done(self):
        bot = await self.begun()
        await self.fake.tell('fault', http={'path': '/posts$', 'method': 'POST', 'status': 500, 'times': 2, 'late': True})
        await self.ask(2)
        return bot

    async def rest_429(self):
        bot = await self.begun()
        await self.fake.tell('fault', http={'path': '/posts$', 'method': 'POST', 'status': 429, 'body': 'limit exceeded\n',
                                            'headers': {'Retry-After': '2'}, 'times': 2})
        await self.ask(3)
        return bot

    async def rest_hangs(self):
        bot = await self.begun(connect_seconds=2)
        await self.fake.tell('fault', http={'path': '/posts$', 'method': 'POST', 'status': 0, 'times': 1})
        await self.ask(5)
        return bot

    async def rest_hangs_though_it_was_done(self):
        bot = await self.begun(connect_seconds=2)
        await self.fake.tell('fault', http={'path': '/posts$', 'method': 'POST', 'status': 0, 'times': 1, 'late': True})
        await self.ask(2)
        return bot

    async def catching_up_fails(self):
        bot = await self.begun()
        await self.fake.tell('fault', upgrade={'status': 503, 'times': 1},
                             http={'path': '/(channels|posts.since.*)$', 'method': 'GET', 'status': 500, 'times': 2})
        await self.fake.tell('forget')
        await bot.logged('again in')
        await self.ask()
        return bot

    FAULTS = [down_at_the_start, down_later, cut_again_and_again, upgrade_answered_429, never_answered, handshake_then_silence,
              events_replayed, events_out_of_order, an_event_of_10_mb, broken_json, rest_500, rest_500_though_it_was_done, rest_429,
              rest_hangs, rest_hangs_though_it_was_done, catching_up_fails]

    async def survives(self, fault):
        """After the fault all is answered, once, and what is asked then, too. Gives a line of the table."""
        begun = time.monotonic()
        bot = await fault(self)
        await bot.logged('ready as', seconds=40)
        await self.ask()
        await self.all_answered(40)
        seconds, counts = time.monotonic() - begun, await self.fake.tell('counts')
        self.assertLess(counts['upgrades'], 12)
        self.assertLess(counts['connections'], 40)
        self.assertEqual(await bot.stop(), 0)
        return '%-32s %7.1f %9d %9d %9d' % (fault.__name__.replace('_', ' '), seconds, counts['upgrades'], self.asked, len(await self.said()))


async def survive(test, fault, turn):
    """A world of its own for each, a few of them at once: most of the time they wait."""
    async with turn, contextlib.AsyncExitStack() as stack:
        world = Connection('test_resumes')
        world.folder = test.folder
        world.addCleanup, world.addAsyncCleanup = stack.callback, stack.push_async_callback
        await world.asyncSetUp()
        try:
            return await world.survives(fault)
        except AssertionError as error:
            raise AssertionError('%s: %s' % (fault.__name__, error)) from error


class Faults(MattermostWorld):
    async def test_faults(self):
        turn = asyncio.Semaphore(6)
        lines = await asyncio.gather(*(survive(self, fault, turn) for fault in Connection.FAULTS))
        table = '\n'.join(['%-32s %7s %9s %9s %9s' % ('fault', 'seconds', 'upgrades', 'asked', 'answered'), *lines, ''])
        print(table)
        os.makedirs(ARTEFACTS, exist_ok=True)
        with open(os.path.join(ARTEFACTS, 'faults-mattermost.txt'), 'w', encoding='utf-8') as f:
            f.write(table)


if __name__ == '__main__':
    main()
