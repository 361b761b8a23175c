"""What a scripted human hears, on whatever platform. A subclass brings say(text, where) and
inbox, a queue of (place, text): what the bot said, with place 'room' or 'private'."""
import asyncio


class Ear:
    SETTLE = 0.2    # seconds of silence after which an answer is whole
    QUIET = 1.0     # seconds in which nothing may come where no answer is due
    BETWEEN = '\n'  # what stands between the messages of one answer

    async def hear(self, timeout=10.0, settle=None):
        """What the bot says: [(place, text)], from the first message until it is quiet for a while."""
        heard = [await asyncio.wait_for(self.inbox.get(), timeout)]
        while True:
            try:
                heard.append(await asyncio.wait_for(self.inbox.get(), settle or self.SETTLE))
            except asyncio.TimeoutError:
                return heard

    async def ask(self, text, where='room', timeout=10.0):
        """Says it and gives the answers in one string."""
        self.say(text, where)
        try:
            return self.BETWEEN.join(body for _, body in await self.hear(timeout))
        except asyncio.TimeoutError:
            raise AssertionError('no answer to %r within %g s' % (text, timeout)) from None

    def forget(self):
        """What the bot has said so far, to whomever."""
        while not self.inbox.empty():
            self.inbox.get_nowait()

    async def hears_nothing(self, seconds=None):
        await asyncio.sleep(seconds or self.QUIET)
        if not self.inbox.empty():
            raise AssertionError('an answer where none was due: %r' % (self.inbox.get_nowait(),))
