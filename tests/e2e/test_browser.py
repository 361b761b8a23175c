"""The whole talk again, by a person in a browser: Converse.js in Chromium. Leaves a picture of the room."""
import os

from browser import Browser, find_chromium
from talk import ADVICE, OPENING, check, whole_talk
from world import ARTEFACTS, World, main


class InBrowser(World):
    async def test_talk(self):
        bot = self.bot()
        await bot.logged('in clinic@')
        browser = Browser(self.prosody, 'alice')
        self.addAsyncCleanup(browser.stop)
        await browser.start()
        os.makedirs(ARTEFACTS, exist_ok=True)

        heard = [await browser.ask('lippy: ' + OPENING)]
        await browser.order(shot=os.path.join(ARTEFACTS, 'converse-1-greeting.png'))
        heard += await whole_talk(browser.ask, 'here')
        await browser.order(shot=os.path.join(ARTEFACTS, 'converse-2-advice.png'))
        check(self, heard)
        # what the person sees is what was said
        shown = (await browser.order(text=True))['text']
        self.assertRegex(shown, '(?i)alice: .*not a doctor')
        self.assertIn('lippy: ' + OPENING, shown)
        self.assertRegex(shown, ADVICE)

        self.assertEqual(await browser.stop(), 0)
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    find_chromium()
    main()
