"""A connection that breaks in the middle of a talk: what was said meanwhile, by either side, arrives once (XEP-0198)."""
import asyncio

from line import Line
from world import Ejabberd, World, main


class OnProsody(World):
    async def asyncSetUp(self):
        self.line = await Line(self.prosody.ws).start()
        self.addCleanup(self.line.close)

    def lined(self, **more):
        return self.bot(websocket='ws://127.0.0.1:%d/%s' % (self.line.port, self.prosody.path), **more)

    async def once(self, human, regex, seconds=20.0):
        """Exactly one message fits, and none comes after it."""
        heard = await human.hear(seconds, settle=1.0)
        self.assertEqual(len(heard), 1, heard)
        self.assertRegex(heard[0][1], regex)

    async def test_cut_while_people_write(self):
        bot = self.lined()
        alice, bob = await self.human('alice'), await self.human('bob', room=None)
        await alice.wait_here()
        await alice.ask('lippy: my upper lip twitches')
        # the bot is away, and its server holds what comes for it
        self.line.cut()
        alice.say('here')
        bob.say('my lip twitches', 'direct')
        await asyncio.gather(self.once(alice, '^alice: '), self.once(bob, 'not a doctor'))
        self.assertRegex(bot.log(), 'back in|ready as')
        self.assertEqual(bot.count('in clinic@'), 1)  # it never left the room
        self.assertFalse(alice.gone.is_set())
        self.assertEqual(await bot.stop(), 0)

    async def test_line_goes_dead(self):
        bot = self.lined(ping_seconds=1, connect_seconds=2)
        alice = await self.human()
        await alice.wait_here()
        await alice.ask('lippy: my upper lip twitches')
        # the question still reaches the bot, its answer goes nowhere
        self.line.deaf = True
        alice.say('here')
        await bot.logged('again in')
        self.line.deaf = False
        self.line.cut()
        await self.once(alice, '^alice: ')
        self.assertEqual(bot.count('in clinic@'), 1)
        self.assertEqual(await bot.stop(), 0)


class OnEjabberd(OnProsody):
    server = Ejabberd


if __name__ == '__main__':
    main()
