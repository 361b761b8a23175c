"""Our fake Discord is right when somebody else's client is content with it: discord.js, in what Lippy uses."""

from discord_world import DiscordWorld
from node_peer import NodePeer
from world import main


class Client(DiscordWorld):
    async def test_discord_js(self):
        client = NodePeer('discord_client.mjs', 'http://127.0.0.1:%d/api' % self.fake.port, self.tokens['other'])
        self.addAsyncCleanup(client.stop)
        self.assertEqual(await client.start(), {'ready': 'other', 'guilds': ['clinic'], 'commands': ['lip']})

        await self.fake.tell('say', user='alice', where='room', text='not for it', bot='other')
        message = await self.fake.tell('say', user='alice', where='room', text='@other hello', bot='other')
        heard = await client.read()
        self.assertEqual(heard, {'message': message['content'], 'guild': 'clinic', 'same': True, 'direct': True})
        await self.fake.tell('say', user='alice', where='private', text='hello', bot='other')
        self.assertEqual(await client.read(), {'message': 'hello', 'guild': None, 'same': True, 'direct': True})
        places = [seen['place'] for seen in self.alice.seen if seen['by'] == 'other']
        self.assertEqual(places, ['room', 'private'])
        self.assertEqual(self.typing, 2)

        message = next(seen for seen in self.alice.seen if seen['place'] == 'room')
        await self.fake.tell('click', user='bob', message=message['id'], button='yes')
        self.assertEqual(await client.read(), {'button': 'yes', 'of': 'heard: @other hello', 'by': 'bob'})
        await self.fake.tell('command', user='bob', where='room', text='my words', bot='other')
        self.assertEqual(await client.read(), {'command': 'lip', 'guild': 'clinic', 'twice': 40060})
        only_bob = [seen['text'] for seen in self.bob.seen if seen['place'] == 'ephemeral']
        self.assertEqual(only_bob, ['command: my words', 'more'])
        self.assertFalse([seen for seen in self.alice.seen if seen['place'] == 'ephemeral'])

        await self.fake.tell('op', op=7, d=None)
        self.assertEqual(await client.read(), {'resumed': True})
        await self.fake.tell('drop')
        await self.fake.tell('say', user='alice', where='private', text='missed', bot='other')
        missed = [await client.read(), await client.read()]
        self.assertIn({'resumed': True}, missed)
        self.assertIn({'message': 'missed', 'guild': None, 'same': True, 'direct': True}, missed)
        self.assertFalse([r for r in await self.requests() if r['status'] >= 400 and 'callback' not in r['path']])
        self.assertEqual(len(await self.requests('WS')), 3)


if __name__ == '__main__':
    main()
