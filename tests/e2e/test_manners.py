"""What people do in rooms and chats beside talking: they correct themselves, change their nicks, invite, want to see who is there."""
import asyncio

from slixmpp import JID

from talk import OPENING
from world import Ejabberd, World, main


class OnProsody(World):
    async def test_room(self):
        bot = self.bot()
        alice = await self.human()
        await alice.wait_here()
        await alice.ask('lippy: ' + OPENING)
        # the answer names the question
        reply = alice.last.xml.find('{urn:xmpp:reply:0}reply')
        self.assertEqual(reply.get('to'), alice.room + '/alice')
        # under another nick it is still the same talk
        alice.send_presence(pto=alice.room + '/alicia')
        heard = await alice.ask('here')
        self.assertRegex(heard, '(?s)^alicia: .*how old')
        # what is quoted is not said
        heard = await alice.ask('> Do you have a weak arm or leg?\nit is about me, I am 35')
        self.assertNotRegex(heard, '112|999')
        self.assertEqual(await bot.stop(), 0)

    async def test_private(self):
        bot = self.bot(rooms=None)
        await bot.logged('ready as')
        bob = await self.human('bob', room=None)
        seen = asyncio.get_running_loop().create_future()
        bob.add_event_handler('presence_available', lambda p: p['from'].bare != bob.bot or seen.done() or seen.set_result(p))
        bob.send_presence_subscription(pto=bob.bot, ptype='subscribe')
        await asyncio.wait_for(seen, 10)
        await bob.ask(OPENING, 'direct')
        wrong = bob.say('it is about me, I am 53', 'direct')
        await bob.hear()
        bob.say('it is about me, I am 35', 'direct', corrects=wrong)
        await bob.hear()
        heard = await bob.ask('summary', 'direct')
        self.assertRegex(heard, r'\b35\b')
        self.assertNotRegex(heard, r'\b53\b')
        self.assertEqual(await bot.stop(), 0)

    async def test_invitations(self):
        bot = self.bot(rooms=None, invitations='rooms.localhost')
        await bot.logged('ready as')
        room = 'mediated@rooms.localhost'
        alice = await self.human('alice', room=room)
        alice.plugin['xep_0045'].invite(JID(room), JID(alice.bot))
        room = 'direct@rooms.localhost'
        bob = await self.human('bob', room=room)
        bob.plugin['xep_0249'].send_invitation(JID(bob.bot), JID(room))
        await asyncio.gather(alice.wait_here(), bob.wait_here())
        await asyncio.gather(alice.ask('lippy: hello'), bob.ask('lippy: hello'))
        self.assertEqual(await bot.stop(), 0)


class OnEjabberd(OnProsody):
    server = Ejabberd


if __name__ == '__main__':
    main()
