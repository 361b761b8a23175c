"""A person on XMPP: joins a room, speaks, waits for the bot's answers. slixmpp over plain TCP, as an independent
implementation of the protocol."""
import asyncio
import inspect
import uuid

from slixmpp import ET, JID, ClientXMPP
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from ear import Ear

DELAY = '{urn:xmpp:delay}delay'
MUC_USER = '{http://jabber.org/protocol/muc#user}x'


class Human(Ear, ClientXMPP):
    def __init__(self, server, name, room=None, peer='lippy', nick=None):
        super().__init__('%s@%s' % (name, server.domain), server.passwords[name])
        self.address = ('127.0.0.1', server.c2s)
        self.nick = nick or name
        self.room = room
        self.peer = peer            # nick of the bot in the room
        self.bot = 'lippy@' + server.domain
        self.inbox = asyncio.Queue()
        self.here = asyncio.Event()   # the bot is in the room
        self.gone = asyncio.Event()
        self.ready = asyncio.get_running_loop().create_future()
        for plugin in ('xep_0030', 'xep_0045', 'xep_0199', 'xep_0249'):
            self.register_plugin(plugin)
        self.add_event_handler('session_start', self._on_start)
        self.add_event_handler('failed_all_auth', lambda _: self._fail('the server refuses %s' % name))
        self.add_event_handler('connection_failed', lambda why: self._fail('no connection: %s' % why))
        self.add_event_handler('groupchat_presence', self._on_presence)
        # the library's own events leave out some messages and deliver others twice
        self.register_handler(Callback('any message', MatchXPath('{jabber:client}message'), self._on_message))

    def _fail(self, why):
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(why))

    async def _on_start(self, _):
        try:
            self.send_presence()
            await self.get_roster()
            if self.room:
                await self.plugin['xep_0045'].join_muc_wait(JID(self.room), self.nick, maxstanzas=0, timeout=10)
            self.ready.set_result(None)
        except Exception as error:  # whatever it is, the test wants to know
            self._fail('start: %r' % error)

    def _on_presence(self, presence):
        if presence['from'].resource == self.peer:
            left = presence['type'] == 'unavailable'
            (self.gone if left else self.here).set()
            (self.here if left else self.gone).clear()

    def _on_message(self, message):
        if message['type'] == 'error' or not message['body'] or message.xml.find(DELAY) is not None:
            return
        self.last = message
        sender = message['from']
        if self.room and sender.bare == self.room and sender.resource == self.peer:
            self.inbox.put_nowait(('room' if message['type'] == 'groupchat' else 'private', message['body']))
        elif sender.bare == self.bot:
            self.inbox.put_nowait(('private', message['body']))

    async def start(self):
        if 'address' in inspect.signature(self.connect).parameters:
            self.connect(address=self.address, force_starttls=False, disable_starttls=True)
        else:  # slixmpp 1.9 and newer
            self.enable_starttls = self.enable_direct_tls = False
            self.enable_plaintext = True
            self.connect(*self.address)
        await asyncio.wait_for(self.ready, 20)
        return self

    async def stop(self):
        await self.disconnect(wait=1.0)

    def say(self, text, where='room', corrects=None):
        """where: 'room', 'private' (through the room where there is one) or 'direct' (to the bot's own address). Gives its id; corrects:
        that of the message that it stands for."""
        if where == 'room':
            message = self.make_message(mto=self.room, mbody=text, mtype='groupchat')
        elif where == 'private' and self.room:
            message = self.make_message(mto='%s/%s' % (self.room, self.peer), mbody=text, mtype='chat')
            message.xml.append(ET.Element(MUC_USER))
        else:
            message = self.make_message(mto=self.bot, mbody=text, mtype='chat')
        message['id'] = uuid.uuid4().hex
        if corrects:
            message.xml.append(ET.Element('{urn:xmpp:message-correct:0}replace', {'id': corrects}))
        message.send()
        return message['id']

    async def wait_here(self, seconds=15.0):
        await asyncio.wait_for(self.here.wait(), seconds)

    async def wait_gone(self, seconds=15.0):
        await asyncio.wait_for(self.gone.wait(), seconds)
