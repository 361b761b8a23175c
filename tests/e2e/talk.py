"""A whole talk, whoever asks and however the questions are worded or ordered: answers what is asked until the advice is there."""
import re

MOST_TURNS = 40
OPENING = 'my upper lip twitches'
ADVICE = r'(?i)\bsummary\b'  # offered at the end of every advice

# What the question is about, and what this person answers. The first that fits counts.
ANSWERS = [
    (r'in private', 'here'),
    (r'how old', 'it is about me, I am 35'),
    (r'about you, or about someone', 'me'),
    (r'twitch itself', 'for three days, the first time, one spot, a small flutter, it comes and goes'),
    (r'normal day', 'I sleep 5 hours, stress 7 of 10, four coffees, no alcohol, varied food'),
    (r'(?im)^(?:\d+\. |- )none of these', 'none'),
    (r'(?im)^(?:\d+\. |- )no$', 'no'),
]


def answer_to(heard):
    """To the last paragraph, which is the question."""
    question = heard.strip().split('\n\n')[-1]
    for about, answer in ANSWERS:
        if re.search(about, question):
            return answer
    choice = re.search(r'(?m)^(\d+)\. ', question)  # whatever it is: a number will do
    return choice[1] if choice else 'no'


async def whole_talk(ask, opening, where='room', answers=()):
    """Gives all that was heard. answers: pairs that go before ANSWERS."""
    said, all_heard = opening, []
    for _ in range(MOST_TURNS):
        heard = await ask(said, where)
        all_heard.append(heard)
        if re.search(ADVICE, heard):
            return all_heard
        said = next((a for about, a in answers if re.search(about, heard)), None) or answer_to(heard)
    raise AssertionError('no advice after %d turns; the last: %s' % (MOST_TURNS, all_heard[-3:]))


def check(test, heard):
    """What every such talk must have had, in this order: who speaks, the warning signs, advice that fits the answers."""
    whole = '\n'.join(heard)
    test.assertRegex(heard[0], r'(?i)not a doctor')
    test.assertRegex(whole, r'(?i)droop[\s\S]*none of these[\s\S]*' + ADVICE[4:])
    advice = heard[-1]
    test.assertRegex(advice, r'(?i)coffee|caffeine')
    test.assertRegex(advice, r'(?i)sleep')
    test.assertRegex(advice, r'(?i)see a doctor')
    test.assertRegex(advice, r'112')
    test.assertNotRegex(whole, r'[{}]')
