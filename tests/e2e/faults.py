"""One list of faults for every platform with a fake (fake.mjs): whatever happens, all that is asked is answered, once, and no server is
hammered."""
import asyncio
import contextlib
import os
import time

from world import ARTEFACTS


class Faulty:
    """Beside a World with bot(), self.fake, a Fake with the commands "replay", "hold" and "release", and

        ask_one()   somebody asks in private for what is answered by POSTED posts
        said()      gives all that the bot has said

    Where one of the faults cannot be, its FAULTS leave that out."""
    READY = 'ready as'
    POST = {}           # which request says something: {'path': regex, 'method': ...}
    LIMITED = ''        # what stands in a 429
    POSTED = 1          # posts in one answer
    asked = 0

    async def ask(self, times=1):
        for _ in range(times):
            await self.ask_one()
            self.asked += 1

    async def all_answered(self, seconds=15.0):
        end = time.monotonic() + seconds
        while len(await self.said()) < self.asked * self.POSTED:
            if time.monotonic() > end:
                raise AssertionError('%d answers to %d questions' % (len(await self.said()), self.asked))
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.7)
        self.assertEqual(len(await self.said()), self.asked * self.POSTED)

    async def begun(self, **settings):
        """A bot that has been ready, and has answered."""
        bot = self.bot(**settings)
        await bot.logged(self.READY)
        await self.ask()
        await self.all_answered()
        return bot

    # ---- each gives the bot, with the fault over or passing ----

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
        await bot.logged('again in')
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
        return bot

    async def broken_json(self):
        bot = await self.begun()
        await self.fake.tell('send', text='{"')
        await self.ask()
        await bot.logged('again in')
        return bot

    async def rest_500(self):
        bot = await self.begun()
        await self.fake.tell('fault', http={**self.POST, 'status': 500, 'times': 2})
        await self.ask(2)
        return bot

    async def rest_500_though_it_was_done(self):
        bot = await self.begun()
        await self.fake.tell('fault', http={**self.POST, 'status': 500, 'times': 2, 'late': True})
        await self.ask(2)
        return bot

    async def rest_429(self):
        bot = await self.begun()
        await self.fake.tell('fault', http={**self.POST, 'status': 429, 'body': self.LIMITED,
                                            'headers': {'Retry-After': '2'}, 'times': 2})
        await self.ask(3)
        return bot

    async def rest_hangs(self):
        bot = await self.begun(connect_seconds=2)
        await self.fake.tell('fault', http={**self.POST, 'status': 0, 'times': 1})
        await self.ask(5)
        return bot

    async def rest_hangs_though_it_was_done(self):
        bot = await self.begun(connect_seconds=2)
        await self.fake.tell('fault', http={**self.POST, 'status': 0, 'times': 1, 'late': True})
        await self.ask(2)
        return bot

    FAULTS = [down_at_the_start, down_later, cut_again_and_again, upgrade_answered_429, never_answered, handshake_then_silence,
              events_replayed, events_out_of_order, an_event_of_10_mb, broken_json, rest_500, rest_500_though_it_was_done, rest_429,
              rest_hangs, rest_hangs_though_it_was_done]

    async def survives(self, fault):
        """Gives a line of the table."""
        begun = time.monotonic()
        bot = await fault(self)
        await bot.logged(self.READY, seconds=40)
        await self.ask()
        await self.all_answered(40)
        seconds, counts = time.monotonic() - begun, await self.fake.tell('counts')
        self.assertLess(counts['upgrades'], 12)
        self.assertLess(counts['connections'], 40)
        self.assertEqual(await bot.stop(), 0)
        name, said = fault.__name__.replace('_', ' '), len(await self.said())
        return '%-32s %7.1f %9d %9d %9d' % (name, seconds, counts['upgrades'], self.asked, said // self.POSTED)


async def survive(test, make_world, fault, turn):
    """In a world of its own."""
    async with turn, contextlib.AsyncExitStack() as stack:
        world = make_world()
        world.folder = test.folder
        world.addCleanup, world.addAsyncCleanup = stack.callback, stack.push_async_callback
        await world.asyncSetUp()
        try:
            return await world.survives(fault)
        except AssertionError as error:
            raise AssertionError('%s: %s' % (fault.__name__, error)) from error


async def survive_all(test, make_world, platform):
    """Some at once: most of the time they wait. Leaves the table in the artefacts."""
    turn = asyncio.Semaphore(6)
    lines = await asyncio.gather(*(survive(test, make_world, fault, turn) for fault in make_world().FAULTS))
    table = '\n'.join(['%-32s %7s %9s %9s %9s' % (platform, 'seconds', 'upgrades', 'asked', 'answered'), *lines, ''])
    print(table)
    os.makedirs(ARTEFACTS, exist_ok=True)
    with open(os.path.join(ARTEFACTS, 'faults-%s.txt' % platform), 'w', encoding='utf-8') as f:
        f.write(table)
