// A Mattermost server as far as a bot and a person need it: API v4 over REST and websocket, behaving as a real one was measured to (5.37).
// One team, one channel "town-square" that all users are in, and direct channels. Arguments: NAME:TOKEN ...; the first is the bot.
import { Fake } from './fake.mjs';

const BUFFER_MOST = 128;           // events kept for a connection that may come back
const PENDING_MS = 30000;          // a repeated pending_post_id is known for so long
const HELLO_MS = 5000;             // who has not said who they are is dropped then
const TEXT_MOST = 16383;           // code points

let last_id = 0, last_ms = 0;
const letters = () => (++last_id).toString(36).padStart(6, '0');
const make_id = (kind) => (kind + letters()).padEnd(26, 'x').slice(0, 26);
const now = () => (last_ms = Math.max(Date.now(), last_ms + 1));
const error = (status, id) => ({ status, body: { id, message: 'No.', detailed_error: '', request_id: make_id('q'), status_code: status } });

const users = process.argv.slice(2).map((argument, i) => {
    const [username, token] = argument.split(':');
    return { id: make_id('u'), username, token, is_bot: i === 0, roles: 'system_user' };
});
const team = { id: make_id('t'), name: 'team' };
const town = { id: make_id('c'), type: 'O', name: 'town-square', display_name: 'Town Square', team_id: team.id, last_post_at: 0 };
const channels = new Map([[town.id, { channel: town, members: new Set(users.map((user) => user.id)) }]]);
const posts = new Map(), reactions = [], pending = new Map(), connections = new Map();

const user_of = (id) => users.find((user) => user.id === id);
const named = (name) => users.find((user) => user.username === name);
const public_user = ({ token, revoked, ...user }) => user;
const user_with = (header) => {
    const user = users.find((each) => header && header.toLowerCase() === `bearer ${each.token}`.toLowerCase());
    return user && !user.revoked ? user : null;
};

// ---- events ----

function deliver(connection, text) {
    if (connection.held) connection.held.push(text);
    else connection.socket?.say(text);
}

function send_event(event, data, to, broadcast = {}) {
    for (const connection of connections.values()) {
        if (!to.has(connection.user.id)) continue;
        const seq = connection.seq++;
        const frame = { event, data, broadcast: { omit_users: null, user_id: '', channel_id: '', team_id: '', ...broadcast }, seq };
        const text = JSON.stringify(frame) + '\n';
        connection.buffer.push({ seq, text });
        if (connection.buffer.length > BUFFER_MOST) connection.buffer.shift();
        deliver(connection, text);
    }
}

function hello(socket, user) {
    const connection = { id: make_id('k'), user, seq: 1, buffer: [], socket };
    connections.set(connection.id, connection);
    socket.connection = connection;
    socket.say(JSON.stringify({ event: 'hello', data: { connection_id: connection.id, server_version: '9.11.0.fake.hash.false' },
        broadcast: { omit_users: null, user_id: user.id, channel_id: '', team_id: '' }, seq: 0 }) + '\n');
    send_event('status_change', { status: 'online', user_id: user.id }, new Set([user.id]));
}

// True where the missed events could be sent; there is no hello then.
function resume(socket, user, id, sequence) {
    const connection = connections.get(id);
    const first = connection?.buffer[0]?.seq ?? connection?.seq;
    if (!connection || connection.user !== user || sequence > connection.seq || sequence < first) return false;
    connection.socket?.terminate();
    connection.socket = socket;
    socket.connection = connection;
    for (const { seq, text } of connection.buffer) if (seq >= sequence) socket.say(text);
    return true;
}

function on_frame(socket, text) {
    let frame;
    try {
        frame = JSON.parse(text);
    } catch {
        socket.terminate();
        return;
    }
    const reply = (more) => socket.say(JSON.stringify({ status: 'OK', seq_reply: frame.seq, ...more }) + '\n');
    if (frame.action === 'authentication_challenge') {
        const user = users.find((each) => each.token === frame.data?.token && !each.revoked);
        if (!user) return socket.terminate();
        hello(socket, user);
        return reply();
    }
    const fail = (id, status) => reply({ status: 'FAIL', error: { id, message: 'No.', status_code: status } });
    if (!socket.connection) return fail('api.web_socket_router.not_authenticated.app_error', 401);
    if (frame.action === 'ping') return reply({ data: { text: 'pong', server_time: now(), version: '9.11.0', node_id: '' } });
    if (frame.action === 'user_typing') {
        const { channel_id } = frame.data, room = channels.get(channel_id), user_id = socket.connection.user.id;
        if (!room?.members.has(user_id)) return fail('api.context.permissions.app_error', 403);
        const others = new Set([...room.members].filter((id) => id !== user_id));
        send_event('typing', { parent_id: frame.data.parent_id, user_id }, others, { channel_id });
        return reply();
    }
    return fail('api.web_socket_router.bad_action.app_error', 400);
}

function open(socket, request) {
    const query = new URL(request.url, 'http://x').searchParams;
    const user = user_with(request.headers.authorization), id = query.get('connection_id') ?? '';
    if (id && !/^[a-z0-9]{26}$/.test(id)) return socket.terminate();
    socket.on('message', (text) => on_frame(socket, String(text)));
    socket.on('close', () => {
        if (socket.connection?.socket === socket) socket.connection.socket = null;
    });
    if (user && !(id && resume(socket, user, id, Number(query.get('sequence_number'))))) hello(socket, user);
    setTimeout(() => socket.connection || socket.terminate(), HELLO_MS);
}

// ---- posts ----

const as_sent = (post) => ({ ...post, metadata: { reactions: reactions.filter((each) => each.post_id === post.id) } });

function mentioned(channel, members, post) {
    const names = new Set([...post.message.toLowerCase().matchAll(/@([a-z0-9._-]*[a-z0-9])/g)].map((match) => match[1]));
    const all = channel.type === 'D' || names.has('channel') || names.has('all');
    return [...members].filter((id) => id !== post.user_id && (all || names.has(user_of(id).username)));
}

function add_post(user, given) {
    const { channel, members } = channels.get(given.channel_id);
    const at = now();
    const post = { id: make_id('p'), create_at: at, update_at: at, edit_at: 0, delete_at: 0, is_pinned: false, user_id: user.id,
        channel_id: channel.id, root_id: given.root_id ?? '', original_id: '', message: given.message, type: given.type ?? '',
        props: { ...given.props, ...(user.is_bot ? { from_bot: 'true' } : {}) }, hashtags: '', pending_post_id: '', reply_count: 0 };
    posts.set(post.id, post);
    channel.last_post_at = at;
    const mentions = mentioned(channel, members, post);
    send_event('posted', {
        channel_display_name: channel.display_name, channel_name: channel.name, channel_type: channel.type,
        ...(mentions.length ? { mentions: JSON.stringify(mentions) } : {}),
        post: JSON.stringify({ ...as_sent(post), pending_post_id: given.pending_post_id ?? '' }),
        sender_name: '@' + user.username, set_online: true, team_id: channel.team_id,
    }, members, { channel_id: channel.id });
    return post;
}

function create_post(user, given) {
    const room = channels.get(given.channel_id), known = pending.get(given.pending_post_id);
    if (known && Date.now() - known.at < PENDING_MS) return { status: 201, body: as_sent(posts.get(known.id)) };
    if (!room?.members.has(user.id)) return error(403, 'api.context.permissions.app_error');
    if ([...given.message].length > TEXT_MOST) return error(400, 'model.post.is_valid.msg.app_error');
    const root = posts.get(given.root_id);
    const wrong = given.root_id && (root?.channel_id !== given.channel_id || root.root_id);
    if (wrong) return error(400, 'api.post.create_post.root_id.app_error');
    const post = add_post(user, given);
    if (given.pending_post_id) pending.set(given.pending_post_id, { id: post.id, at: Date.now() });
    return { status: 201, body: as_sent(post) };
}

function posts_since(user, channel_id, since) {
    if (!channels.get(channel_id)?.members.has(user.id)) return error(403, 'api.context.permissions.app_error');
    const found = [...posts.values()].filter((post) => post.channel_id === channel_id && post.update_at > since).reverse();
    return { body: { order: found.map((post) => post.id), posts: Object.fromEntries(found.map((post) => [post.id, as_sent(post)])),
        next_post_id: '', prev_post_id: '' } };
}

function direct(user, [a, b]) {
    const fine = user_of(a) && user_of(b) && [a, b].includes(user.id);
    if (!fine) return error(400, 'api.channel.create_direct_channel.invalid_user.app_error');
    const name = [a, b].sort().join('__');
    let room = [...channels.values()].find(({ channel }) => channel.name === name);
    if (!room) {
        const channel = { id: make_id('d'), type: 'D', name, display_name: '', team_id: '', last_post_at: 0 };
        room = { channel, members: new Set([a, b]) };
        channels.set(room.channel.id, room);
    }
    return { status: 201, body: room.channel };
}

function react(user, given) {
    const post = posts.get(given.post_id), room = post && channels.get(post.channel_id);
    if (given.user_id !== user.id || !room?.members.has(user.id)) return error(403, 'api.context.permissions.app_error');
    const same = (each) => each.user_id === user.id && each.post_id === post.id && each.emoji_name === given.emoji_name;
    const { emoji_name } = given;
    const reaction = reactions.find(same) ?? { user_id: user.id, post_id: post.id, emoji_name, create_at: now(), delete_at: 0 };
    if (!reactions.includes(reaction)) {
        reactions.push(reaction);
        post.update_at = now();
    }
    send_event('reaction_added', { reaction: JSON.stringify(reaction) }, room.members, { channel_id: post.channel_id });
    return { body: reaction };
}

function patch(user, id, { message }) {
    const post = posts.get(id);
    if (post?.user_id !== user.id) return error(403, 'api.context.permissions.app_error');
    post.message = message;
    post.edit_at = post.update_at = now();
    const { channel, members } = channels.get(post.channel_id);
    send_event('post_edited', { post: JSON.stringify(as_sent(post)) }, members, { channel_id: channel.id });
    return { body: as_sent(post) };
}

// ---- REST ----

const channels_of = (user) => [...channels.values()].filter((room) => room.members.has(user.id)).map((room) => room.channel);

const routes = [
    ['GET', /^\/users\/me$/, (user) => ({ body: public_user(user) })],
    ['GET', /^\/users\/username\/([^/]+)$/, (user, body, name) => ({ body: public_user(named(name)) })],
    ['GET', /^\/users\/me\/channels$/, (user) => ({ body: channels_of(user) })],
    ['GET', /^\/teams\/name\/team\/channels\/name\/town-square$/, () => ({ body: town })],
    ['GET', /^\/channels\/([^/]+)\/posts$/, (user, body, id, query) => posts_since(user, id, Number(query.get('since') ?? 0))],
    ['POST', /^\/channels\/direct$/, (user, body) => direct(user, body)],
    ['POST', /^\/posts$/, (user, body) => create_post(user, body)],
    ['PUT', /^\/posts\/([^/]+)\/patch$/, (user, body, id) => patch(user, id, body)],
    ['POST', /^\/reactions$/, (user, body) => react(user, body)],
];

function on_request(request, body) {
    const url = new URL(request.url, 'http://x'), path = url.pathname.replace(/^\/api\/v4/, '');
    const user = user_with(request.headers.authorization);
    if (!user) return error(401, 'api.context.session_expired.app_error');
    for (const [method, pattern, handle] of routes) {
        const match = method === request.method && path !== url.pathname && pattern.exec(path);
        if (match) return handle(user, body ? JSON.parse(body) : null, ...match.slice(1), url.searchParams);
    }
    return error(404, 'api.context.404.app_error');
}

const bot_connections = () => [...connections.values()].filter((connection) => connection.user.is_bot && connection.socket);

const fake = new Fake({
    http: on_request,
    open,
    control: {
        revoke: ({ user }) => void (named(user).revoked = true),
        // a restarted server has forgotten its connections
        forget: () => {
            connections.forEach((connection) => connection.socket?.terminate());
            connections.clear();
        },
        // a post of anybody's, with whatever props and type; in private: to the bot
        post: ({ user, message, where, ...more }) => {
            const room = where === 'private' ? direct(named(user), [users[0].id, named(user).id]).body : town;
            return add_post(named(user), { message, channel_id: room.id, ...more });
        },
        posts: () => [...posts.values()].map(
            (post) => ({ ...post, user: user_of(post.user_id).username, direct: post.channel_id !== town.id })),
        replay: () => bot_connections().forEach((connection) => connection.buffer.forEach(({ text }) => connection.socket.say(text))),
        hold: () => bot_connections().forEach((connection) => (connection.held = [])),
        // what was held, the other way round
        release: () => bot_connections().forEach((connection) => {
            const held = connection.held.reverse();
            connection.held = null;
            held.forEach((text) => deliver(connection, text));
        }),
    },
});
await fake.start();
