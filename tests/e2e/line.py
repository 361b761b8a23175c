"""A line between the bot and a server that can be cut, or lose what the bot sends without a word."""
import asyncio


class Line:
    def __init__(self, port):
        self.server_port = port
        self.pairs = []
        self.deaf = False  # what the bot sends goes nowhere

    async def start(self):
        self.listener = await asyncio.start_server(self._each, '127.0.0.1', 0)
        self.port = self.listener.sockets[0].getsockname()[1]
        return self

    async def _each(self, reader, writer):
        back_reader, back_writer = await asyncio.open_connection('127.0.0.1', self.server_port)
        self.pairs.append((writer, back_writer))
        await asyncio.gather(self._pump(reader, back_writer, True), self._pump(back_reader, writer, False))

    async def _pump(self, reader, writer, sent):
        try:
            while piece := await reader.read(4096):
                if not (sent and self.deaf):
                    writer.write(piece)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def cut(self):
        """Both ends see it at once; new connections pass."""
        for pair in self.pairs:
            for writer in pair:
                writer.transport.abort()
        self.pairs.clear()

    def close(self):
        self.listener.close()
        self.cut()
