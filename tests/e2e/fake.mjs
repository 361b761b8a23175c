// What the fakes of chat platforms share: an HTTP server with websockets on a free port of loopback, and a second port to control it from a
// test, with the faults that any server can have. The process ends when its standard input does.
//
//     const fake = new Fake({
//         http(request, body) { ... return {status, headers, body} },  // body: text; an object is sent as JSON
//         open(socket, request) { ... },                               // a websocket of the package ws
//         control: { name(argument) { ... return anything } },         // POST /name with JSON on the control port
//     });
//     await fake.start();                                              // prints {"port": ..., "control": ...}
//
// socket.say(text) sends a text frame, or nothing while the fake is silent. Faults, by POST on the control port:
//
//     /fault {"upgrade": {"status": 429, "headers": {"Retry-After": "2"}, "times": 3}}   refuses the upgrade
//            {"drop": {"after_ms": 100, "times": 3}}      cuts new websockets without a close frame (1006)
//            {"silent": true}                             from now on nothing is said on a websocket, and nothing heard
//            {"deaf": true}                               TCP connections are taken and never answered
//            {"http": {"path": "^/x", "method": "POST", "status": 500, "headers": {}, "body": "", "times": 3}}
//                                                         status 0: no answer at all; "late": the request is carried out nevertheless
//            {}                                           none any more
//     /drop                                               cuts all websockets now
//     /send {"text": "..."} or {"size": 10000000}         a frame to all websockets: as it stands, or of so many bytes
//     /stop, /start                                       nobody listens on the port; somebody does again
//     /counts                                             {"connections", "upgrades", "requests"} until now
import http from 'node:http';
import { WebSocketServer } from 'ws';

const HOST = '127.0.0.1';

async function bodyOf(request) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    return Buffer.concat(pieces).toString();
}

function answer(response, result) {
    const text = typeof result.body === 'string' ? result.body : JSON.stringify(result.body ?? {});
    response.writeHead(result.status ?? 200, { 'Content-Type': 'application/json', ...result.headers });
    response.end(text);
}

export class Fake {
    constructor(platform) {
        this.platform = platform;
        this.faults = {};
        this.counts = { connections: 0, upgrades: 0, requests: 0 };
        this.connections = new Set();
        this.sockets = new Set();
        this.websockets = new WebSocketServer({ noServer: true, ...platform.websockets });
    }

    async start() {
        await this.listen(0);
        const control = http.createServer((request, response) => this.onControl(request, response));
        await new Promise((done) => control.listen(0, HOST, done));
        console.log(JSON.stringify({ port: this.port, control: control.address().port }));
        process.stdin.resume().on('end', () => process.exit(0));
    }

    async listen(port) {
        this.server = http.createServer((request, response) => this.onRequest(request, response));
        this.server.on('connection', (connection) => {
            this.counts.connections++;
            this.connections.add(connection);
            connection.on('close', () => this.connections.delete(connection)).on('error', () => {});
        });
        this.server.on('upgrade', (request, connection, head) => this.onUpgrade(request, connection, head));
        await new Promise((done) => this.server.listen(port, HOST, done));
        this.port = this.server.address().port;
    }

    // A fault that is due, or null; one with "times" wears off.
    fault(name) {
        const fault = this.faults[name];
        if (!fault || fault.times === 0) return null;
        if (fault.times) fault.times--;
        return fault;
    }

    async onRequest(request, response) {
        const body = await bodyOf(request);
        this.counts.requests++;
        if (this.faults.deaf) return;
        const wanted = this.faults.http;
        const hit = wanted && new RegExp(wanted.path ?? '').test(request.url) && (wanted.method ?? request.method) === request.method;
        const fault = hit ? this.fault('http') : null;
        if (fault && !fault.late) {
            if (fault.status) answer(response, { body: '', ...fault });
            return;
        }
        let result;
        try {
            result = await this.platform.http(request, body);
        } catch (error) {
            console.error(error);
            result = { status: 500, body: 'the fake is broken' };
        }
        if (!fault) answer(response, result);
        else if (fault.status) answer(response, { body: '', ...fault });
    }

    onUpgrade(request, connection, head) {
        this.counts.upgrades++;
        if (this.faults.deaf) return;
        const fault = this.fault('upgrade');
        if (fault) {
            const headers = Object.entries(fault.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
            connection.end(`HTTP/1.1 ${fault.status} No\r\n${headers.join('')}Content-Length: 0\r\nConnection: close\r\n\r\n`);
            return;
        }
        this.websockets.handleUpgrade(request, connection, head, (socket) => this.onOpen(socket, request));
    }

    onOpen(socket, request) {
        const drop = this.fault('drop');
        if (drop) setTimeout(() => socket.terminate(), drop.after_ms ?? 0);
        this.sockets.add(socket);
        socket.on('close', () => this.sockets.delete(socket)).on('error', () => {});
        socket.say = (text) => {
            if (!this.faults.silent && socket.readyState === socket.OPEN) socket.send(text);
        };
        // nothing is heard while the fake is silent: no handler sees it
        const emit = socket.emit.bind(socket);
        socket.emit = (event, ...rest) => (event === 'message' && this.faults.silent ? true : emit(event, ...rest));
        this.platform.open(socket, request);
    }

    stop() {
        const closed = new Promise((done) => this.server.close(done));
        for (const connection of this.connections) connection.destroy();
        return closed;
    }

    async onControl(request, response) {
        const name = request.url.slice(1), argument = JSON.parse((await bodyOf(request)) || '{}');
        const commands = {
            fault: () => (this.faults = argument),
            drop: () => this.sockets.forEach((socket) => socket.terminate()),
            send: () => this.sockets.forEach((socket) => socket.send(argument.text ?? 'x'.repeat(argument.size))),
            stop: () => this.stop(),
            start: () => this.listen(this.port),
            counts: () => this.counts,
            ...this.platform.control,
        };
        try {
            answer(response, { body: (await commands[name](argument)) ?? {} });
        } catch (error) {
            answer(response, { status: 500, body: String(error.stack) });
        }
    }
}
