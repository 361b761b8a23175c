"""A fake Discord with two people, and a bot on it."""
import asyncio
import json
import os
import tempfile
import time

from ear import Ear
from node_peer import Fake
from world import Bot, World


class Human(Ear):
    """What one of the people sees and does, by way of the fake."""
    SETTLE, QUIET, BETWEEN = 0.4, 0.8, '\n\n'

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.inbox = asyncio.Queue()
        self.seen = []      # all of it
        self.doing = set()  # commands under way

    def take(self, seen):
        self.seen.append(seen)
        if seen['by'] == 'lippy' and seen['place'] in ('room', 'private', 'ephemeral'):
            self.inbox.put_nowait((seen['place'], seen['text']))

    def do(self, command, **argument):
        task = asyncio.ensure_future(self.world.fake.tell(command, user=self.name, **argument))
        self.doing.add(task)
        task.add_done_callback(self.doing.discard)
        return task

    def say(self, text, where='room'):
        """where 'command': by the slash command in the guild."""
        if where == 'command':
            self.do('command', where='room', text=text)
        else:
            self.do('say', where=where, text=text)

    def buttons(self):
        """Those of the newest message that has any: {label: custom_id}, and the message's id."""
        message = next(seen for seen in reversed(self.seen) if seen['buttons'] and seen['place'] != 'update')
        return {button['label']: button['id'] for button in message['buttons']}, message['id']

    def click(self, label):
        buttons, message = self.buttons()
        self.do('click', message=message, button=buttons[label])

    async def sees(self, place, seconds=10.0):
        end = time.monotonic() + seconds
        while not any(seen['place'] == place for seen in self.seen):
            if time.monotonic() > end:
                raise AssertionError('no %s for %s' % (place, self.name))
            await asyncio.sleep(0.02)


class DiscordWorld(World):
    server = False

    async def asyncSetUp(self):
        self.tokens = {name: 'MTk4Nj.%s.%s' % (name, os.urandom(12).hex()) for name in ('lippy', 'other')}
        self.fake = Fake('discord_fake.mjs', *('%s:%s' % bot for bot in self.tokens.items()))
        await self.fake.start()
        self.people = {name: Human(self, name) for name in ('alice', 'bob')}
        self.alice, self.bob = self.people.values()
        self.typing = 0
        self.reading = asyncio.ensure_future(self._read())
        self.addAsyncCleanup(self._stop)
        self.state_dir = tempfile.mkdtemp(dir=self.folder)

    async def _stop(self):
        await self.fake.stop()
        await asyncio.wait({self.reading}, timeout=2)

    async def _read(self):
        while raw := await self.fake.process.stdout.readline():
            seen = json.loads(raw)['seen']
            self.typing += seen['place'] == 'typing'
            if seen['user']:
                self.people[seen['user']].take(seen)

    def bot(self, token=None, others={}, **settings):
        """settings: keys of [discord]; others: further sections. What is kept outlasts it."""
        standard = {'api': 'http://127.0.0.1:%d/api/v10' % self.fake.port, 'command': 'lip'}
        return self.keep(Bot(self.folder, {**standard, **settings}, token or self.tokens['lippy'], 'lippy', {}, 'discord', others,
                             secret='token', state_dir=self.state_dir))

    async def started(self, **settings):
        bot = self.bot(**settings)
        await bot.logged('discord: ready as lippy')
        return bot

    async def logins(self):
        """IDENTIFYs until now."""
        return 1000 - (await self.fake.tell('set'))['remaining']

    async def requests(self, method=None, path=''):
        """Those until now, of this method to a path with these words in it."""
        return [r for r in await self.fake.tell('requests') if (not method or r['method'] == method) and path in r['path']]
