"""The list of faults, on Slack."""
import time

from faults import Faulty, survive_all
from slack_world import SlackWorld
from world import main


class SlackFaults(Faulty, SlackWorld):
    POST = {'path': '/chat.postMessage$', 'method': 'POST'}
    LIMITED = '{"ok":false,"error":"ratelimited"}'

    async def ask_one(self):
        await self.fake.tell('post', user='alice', text='help', where='private')

    async def rest_says_it_has_a_bad_day(self):
        bot = await self.begun()
        await self.fake.tell('error', method='chat.postMessage', error='internal_error', times=2)
        await self.ask(2)
        return bot

    async def limited_by_the_body(self):
        bot = await self.begun()
        await self.fake.tell('error', method='chat.postMessage', error='ratelimited', times=2)
        await self.ask(2)
        return bot

    async def history_may_not_be_read(self):
        bot = await self.begun(connect_seconds=2)
        await self.fake.tell('error', method='conversations.history', error='missing_scope')
        await self.fake.tell('fault', http={**self.POST, 'status': 0, 'times': 1})
        await self.ask(2)
        return bot

    async def connections_are_limited(self):
        await self.fake.tell('fault', http={'path': 'connections.open$', 'status': 429, 'headers': {'Retry-After': '3'}, 'times': 1})
        begun = time.monotonic()
        bot = self.bot()
        await bot.logged('ready as')
        self.assertGreater(time.monotonic() - begun, 2.9)
        return bot

    FAULTS = Faulty.FAULTS + [rest_says_it_has_a_bad_day, limited_by_the_body, history_may_not_be_read, connections_are_limited]


class Faults(SlackFaults):
    async def test_faults(self):
        await survive_all(self, SlackFaults, 'slack')


if __name__ == '__main__':
    main()
