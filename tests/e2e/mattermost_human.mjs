// A person on Mattermost, by its official client. Arguments: the server's address, a token. Commands come as lines of JSON:
//
//     {"say": "...", "where": "room" | "private"}   in the room the first one begins a thread, the others go on in it
//     {"leave": true}                               the next one begins another thread
//     {"react": "one"}                              to the newest post of the bot that was heard
//     {"edit": "..."}                               our last post
//
// What happens goes out in the same way: {"ready"}, {"error"}, and of the bot {"heard": {"place", "text", "root"}}, {"typing"},
// {"reaction": EMOJI}.
import readline from 'node:readline';
import client from '@mattermost/client';
import WebSocket from 'ws';

console.log = console.warn = () => {}; // the client is talkative, and our standard output is for commands
globalThis.WebSocket = WebSocket;
globalThis.CloseEvent ??= class extends Event {};

const [, , url, token, bot_name] = process.argv;
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const rest = new client.Client4(), events = new client.WebSocketClient({ minWebSocketRetryTime: 200, reconnectJitterRange: 100 });
rest.setUrl(url);
rest.setToken(token);

const me = await rest.getMe(), bot = await rest.getUserByUsername(bot_name);
const town = await rest.getChannelByNameAndTeamName('team', 'town-square'), direct = await rest.createDirectChannel([me.id, bot.id]);
let root = '', heard = null, own = null;

events.addMissedMessageListener(() => {});
events.addMessageListener((message) => {
    if (message.event === 'hello') tell({ ready: true });
    if (message.event === 'typing' && message.data.user_id === bot.id) tell({ typing: true });
    if (message.event === 'reaction_added') {
        const { user_id, emoji_name } = JSON.parse(message.data.reaction);
        if (user_id === bot.id) tell({ reaction: emoji_name });
    }
    if (message.event !== 'posted') return;
    const post = JSON.parse(message.data.post);
    if (post.user_id !== bot.id) return;
    heard = post;
    tell({ heard: { place: post.channel_id === direct.id ? 'private' : 'room', text: post.message, root: post.root_id } });
});
events.initialize(url.replace('http', 'ws') + '/api/v4/websocket', token);

async function act(command) {
    if (command.say !== undefined) {
        const room = command.where !== 'private';
        own = await rest.createPost({ channel_id: room ? town.id : direct.id, message: command.say, root_id: room ? root : '' });
        if (room) root ||= own.id;
    }
    if (command.leave) root = '';
    if (command.react) await rest.addReaction(me.id, heard.id, command.react);
    if (command.edit) await rest.patchPost({ id: own.id, message: command.edit });
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
        await act(JSON.parse(line));
    } catch (error) {
        tell({ error: `${error.server_error_id} ${error.url} ${error.stack}` });
    }
}
process.exit(0);
