"""What can go wrong between the bot and a Mattermost: nothing is lost, nothing said twice, and no server is hammered."""
import json
import os

from faults import Faulty, survive_all
from mattermost_world import MattermostWorld
from world import main


class Connection(Faulty, MattermostWorld):
    READY = 'ready as @lippy'
    POST = {'path': '/posts$', 'method': 'POST'}
    LIMITED = 'limit exceeded\n'

    async def ask_one(self):
        await self.fake.tell('post', user='alice', message='help', where='private')

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

    # ---- faults ----

    async def catching_up_fails(self):
        bot = await self.begun()
        await self.fake.tell('fault', upgrade={'status': 503, 'times': 1},
                             http={'path': '/(channels|posts.since.*)$', 'method': 'GET', 'status': 500, 'times': 2})
        await self.fake.tell('forget')
        await bot.logged('again in')
        await self.ask()
        return bot

    FAULTS = [*Faulty.FAULTS, catching_up_fails]


class Faults(MattermostWorld):
    async def test_faults(self):
        await survive_all(self, lambda: Connection('test_resumes'), 'mattermost')


if __name__ == '__main__':
    main()
