"""The web in a real browser, on a phone and on a desk: the whole talk by quick replies. Leaves pictures."""
import re

from browser import find_chromium
from talk import ADVICE, ANSWERS, OPENING, check
from web_world import BrowserWorld, picture
from world import main


class Talk(BrowserWorld):
    async def talk(self, page, shots):
        """By buttons where there are some, in words where there are none."""
        heard, said = await page.order(say=OPENING), None
        everything = ['\n\n'.join(heard['heard'])]
        while not re.search(ADVICE, everything[-1]):
            self.assertLess(len(everything), 40)
            choices, question = heard.get('choices', []), heard['heard'][-1]
            if 'None of these' in choices and 'none' not in shots:
                shots['none'] = (await page.order(shot=picture(shots['name'] + '-2-question')))['shot']
                await self.sound(page)
            said = next((c for c in choices if c in ('None of these', 'No', 'no')), choices[0] if choices else None)
            words = next((a for about, a in ANSWERS if re.search(about, question)), 'no')
            heard = await page.order(pick=said) if said else await page.order(say=words)
            everything.append('\n\n'.join(heard['heard']) + '\n' + '\n'.join('- ' + c for c in heard['choices']))
        return everything

    async def test_phone(self):
        bot = await self.web()
        page = await self.page(bot)
        await self.sound(page)
        await page.order(shot=picture('phone-1-welcome'))
        check(self, await self.talk(page, {'name': 'phone'}))
        await self.sound(page)
        await page.order(shot=picture('phone-3-advice'))
        before = (await page.state())['said']
        await page.order(reload=True)
        self.assertEqual((await page.state())['said'], before)
        for size in ([320, 568], [195, 422], [568, 320]):  # the second: a phone at double size
            await page.order(size=size)
            await self.sound(page)
        await page.order(tap='Delete this talk')
        await page.until(lambda state: len(state['said']) == 1 and 'forgotten' in state['said'][0])
        self.assertNotIn(OPENING, str((await page.state())['said']))
        self.assertEqual(await page.stop(), 0)

    async def test_desk_in_the_dark(self):
        page = await self.page(await self.web(), width=1280, height=900, scale=1, dark=True)
        await self.talk(page, {'name': 'desktop-dark'})
        await self.sound(page)
        await page.order(shot=picture('desktop-dark-3-advice'))
        # a second tab shows the same, and what is said in one is in both
        before = (await page.state())['said']
        await page.order(tab=True)
        self.assertEqual((await page.state())['said'], before)
        await page.order(say='thank you')
        after = (await page.state())['said']
        await page.order(close=True)
        self.assertEqual((await page.state())['said'], after)

    async def test_phone_in_the_dark(self):
        page = await self.page(await self.web(), dark=True, calm=True)
        await page.order(say='my lip twitches')
        await self.sound(page)
        await page.order(shot=picture('phone-dark'))


if __name__ == '__main__':
    find_chromium()
    main()
