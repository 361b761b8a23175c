"""Slack's own framework on the fake: that it is content shows that the fake is right."""
import asyncio

from node_peer import NodePeer
from slack_world import MENTION, SlackWorld
from world import main


class Bolt(SlackWorld):
    async def test_all_that_the_bot_uses(self):
        bolt = NodePeer('slack_bolt.mjs', self.fake.api, self.app_token, self.fake.tokens['lippy'])
        self.addAsyncCleanup(bolt.stop)
        self.assertEqual(await bolt.start(), {'ready': True})
        alice = await self.human()
        for reason in (None, 'warning', 'refresh_requested'):
            if reason:
                opened = (await self.fake.tell('counts'))['upgrades']
                await self.fake.tell('disconnect', reason=reason, close_after_ms=1000)
                while (await self.fake.tell('counts'))['upgrades'] == opened:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(1.2)
            self.assertEqual(await alice.ask('hello', 'private'), 'echo hello')
            self.assertEqual(alice.buttons, ['Yes'])
            await alice.clicks(1)
            await asyncio.sleep(0.5)
            self.assertEqual((await self.said())[-1]['text'], 'clicked by U0ALICE')
            alice.leave_thread()
            self.assertEqual(await alice.ask(MENTION + ' hello'), 'mentioned by U0ALICE')
            self.assertTrue(alice.threads[-1])
            await asyncio.sleep(0.5)
            await self.fake.tell('command', user='alice', text='now')
            self.assertEqual((await alice.hear())[0], ('private', 'command now'))
        state = await self.fake.tell('state')
        self.assertEqual((state['unacked'], state['retried']), (0, 0))

    async def test_redelivery(self):
        """Nobody acknowledges: it comes three times more."""
        await self.fake.tell('post', user='alice', text='lost', where='private')  # nobody is there, and nobody will be told
        self.assertEqual((await self.fake.tell('state'))['sent'], 0)
        bot = self.bot()
        await bot.logged('ready as')
        await self.fake.tell('fault', silent=True)
        await self.fake.tell('post', user='alice', text='help', where='private')
        await asyncio.sleep(3.5)
        await self.fake.tell('fault')
        await asyncio.sleep(3.5)
        state = await self.fake.tell('state')
        self.assertGreaterEqual(state['retried'], 2)
        self.assertEqual(len(await self.said()), 1)
        await self.fake.tell('replay')
        await asyncio.sleep(1.5)
        self.assertEqual(len(await self.said()), 1)
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    main()
