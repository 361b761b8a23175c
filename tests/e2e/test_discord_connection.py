"""Logging in to Discord, staying, coming back, and being sent away."""
import asyncio

from discord_world import DiscordWorld
from talk import OPENING
from world import main

HELLO = '(?i)not a doctor'


class Connection(DiscordWorld):
    async def test_cut_and_resumed_with_nothing_lost_or_doubled(self):
        bot = await self.started()
        await self.alice.ask(OPENING, 'private')
        await self.fake.tell('drop')
        self.alice.say('it is about me, I am 35', 'private')
        self.assertEqual(len(await self.alice.hear()), 1)
        await bot.logged('ready as', times=2)
        await self.alice.hears_nothing()
        self.assertEqual(await self.logins(), 1)
        self.assertEqual(len(await self.requests('WS', '/again')), 1)
        self.assertEqual(await bot.stop(), 0)

    async def test_resumed_after_a_restart(self):
        bot = await self.started()
        await self.alice.ask(OPENING, 'private')
        self.assertEqual(await bot.stop(), 0)
        self.alice.say('hello again', 'private')
        await self.alice.hears_nothing()
        bot = await self.started()
        self.assertRegex((await self.alice.hear())[0][1], HELLO)
        await self.alice.hears_nothing()
        self.assertEqual(await self.logins(), 1)
        self.assertEqual(len(await self.requests('PUT')), 1)
        self.assertEqual(await bot.stop(), 0)

    async def test_killed_and_resumed(self):
        bot = await self.started()
        await self.alice.ask(OPENING, 'private')
        await asyncio.sleep(1.2)  # what was handled is kept within a second
        bot.process.kill()
        await bot.ended()
        bot = await self.started()
        await self.alice.hears_nothing()
        self.assertEqual(await self.logins(), 1)
        self.assertEqual(await bot.stop(), 0)

    async def test_op_7_and_op_9(self):
        bot = await self.started()
        await self.fake.tell('op', op=7, d=None)
        await bot.logged('ready as', times=2)
        await self.fake.tell('op', op=9, d=True)
        await bot.logged('ready as', times=3)
        self.assertEqual(await self.logins(), 1)
        await asyncio.sleep(5)  # the server allows one login in five seconds
        await self.fake.tell('forget')
        await self.fake.tell('op', op=9, d=False)
        await bot.logged('the session is invalid')
        await bot.logged('ready as', times=4)
        self.assertEqual(await self.logins(), 2)
        await self.alice.ask(OPENING, 'private')
        self.assertEqual(await bot.stop(), 0)

    async def test_codes_that_end_it(self):
        for code in (4004, 4014):
            bot = await self.started()
            await self.fake.tell('close', code=code)
            self.assertEqual(await bot.ended(), 3)
            self.assertRegex(bot.log(), r'error run: discord: the server refuses us.*close code %d' % code)

    async def test_codes_that_do_not(self):
        bot = await self.started()
        for times, code in enumerate((4000, 4003, 1001), 2):
            await self.fake.tell('close', code=code)
            await bot.logged('ready as', times=times)
        self.assertEqual(await bot.stop(), 0)

    async def test_wrong_token(self):
        bot = self.bot(token='MTk4Nj.wrong.Geheim')
        self.assertEqual(await bot.ended(), 3)
        self.assertEqual(len(await self.requests()), 1)
        self.assertRegex(bot.log(), 'the token is wrong')

    async def test_token_revoked_in_the_middle(self):
        bot = await self.started()
        await self.alice.ask(OPENING, 'private')
        await self.fake.tell('revoke', bot='lippy')
        self.alice.say('hello', 'private')
        self.assertEqual(await bot.ended(), 3)
        self.assertLessEqual(len([r for r in await self.requests() if r['status'] == 401]), 2)


if __name__ == '__main__':
    main()
