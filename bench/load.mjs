// A load generator that costs little itself: keep-alive connections, requests that are bytes already, one answer awaited on each at a time.
import net from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

/** A request's bytes; with a body, its length and type are said. */
export function request({ port }, method, target, headers = {}, body = undefined) {
  const all = { Host: `127.0.0.1:${port}`, ...headers, ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length }) };
  const head = `${method} ${target} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return body ? Buffer.concat([Buffer.from(head), body]) : Buffer.from(head);
}

/** One connection; made anew when the server has closed it. */
export class Connection {
  constructor(port) {
    this.port = port;
  }

  /** Sends a request. @returns status, headers as text, body as it came over the wire but for chunks. */
  send(bytes) {
    return new Promise((resolve, reject) => {
      this.socket ??= this.connect();
      this.chunks = [];
      this.received = 0;
      this.head = undefined;
      this.pending = { resolve, reject };
      this.socket.write(bytes);
    });
  }

  close() {
    this.socket?.destroy();
  }

  connect() {
    const socket = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.setTimeout(60_000, () => socket.destroy(new Error('no answer within a minute')));
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.lose(error));
    socket.on('close', () => this.lose(new Error('the connection was closed')));
    return socket;
  }

  lose(error) {
    this.socket = undefined;
    this.pending?.reject(error);
    this.pending = undefined;
  }

  take(chunk) {
    this.chunks.push(chunk);
    this.received += chunk.length;
    if (!this.head) {
      const start = this.chunks.length > 1 ? Buffer.concat(this.chunks) : chunk;
      const end = start.indexOf(endOfHead);
      if (end < 0) {
        return;
      }

      const headers = start.toString('latin1', 0, end);
      const status = Number(headers.slice(9, 12));
      this.head = { status, headers, size: status === 304 || status === 204 ? 0 : sizeIn(headers) };
      this.chunks = [start.subarray(end + endOfHead.length)];
      this.received = this.chunks[0].length;
    }

    const { size } = this.head;
    if (size >= 0 ? this.received >= size : this.received < 64 || this.tail().equals(lastChunk)) {
      this.finish(size);
    }
  }

  tail() {
    const last = this.chunks.at(-1);
    return (last.length < lastChunk.length ? Buffer.concat(this.chunks.slice(-lastChunk.length)) : last).subarray(-lastChunk.length);
  }

  finish(size) {
    const wire = this.chunks.length > 1 ? Buffer.concat(this.chunks) : this.chunks[0];
    const body = size >= 0 ? wire : unchunk(wire);
    if (!body) {
      return; // what looked like the end was not
    }

    const { resolve } = this.pending;
    this.pending = undefined;
    if (/\r\nconnection: close/i.test(this.head.headers)) {
      this.socket.destroy();
      this.socket = undefined;
    }

    resolve({ status: this.head.status, headers: this.head.headers, body });
  }
}

function sizeIn(headers) {
  const length = /\r\ncontent-length: (\d+)/i.exec(headers);
  return length ? Number(length[1]) : /\r\ntransfer-encoding: chunked/i.test(headers) ? -1 : 0;
}

/** The body in chunks; undefined while it is not whole. */
function unchunk(wire) {
  const parts = [];
  for (let at = 0; ;) {
    const line = wire.indexOf('\r\n', at);
    const size = line < 0 ? NaN : parseInt(wire.toString('latin1', at, line), 16);
    if (size === 0) {
      return wire.length >= line + 4 ? Buffer.concat(parts) : undefined;
    }

    at = line + 2 + size + 2;
    if (!(at <= wire.length)) {
      return undefined;
    }

    parts.push(wire.subarray(line + 2, at - 2));
  }
}

/**
 * Sends a number of requests over some connections, as fast as answers come; `check` throws at one that is not right.
 * @returns how long it took and each request's latency, in milliseconds.
 */
export async function load({ port, count, connections, make, check }) {
  const latencies = new Float64Array(count);
  let next = 0;
  const work = async () => {
    const connection = new Connection(port);
    try {
      for (let i = next++; i < count; i = next++) {
        const bytes = make(i);
        const begun = performance.now();
        const answer = await connection.send(bytes);
        latencies[i] = performance.now() - begun;
        check(answer, i);
      }
    } finally {
      connection.close();
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: Math.min(connections, count) }, work));
  return { took: performance.now() - begun, latencies };
}

/** The value below which this part of them lies. */
export function quantile(numbers, part) {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
