import * as net from 'node:net';

/** What happens to connections: carried, cut (those there are and new ones), or taken and never answered. */
export type ProxyMode = 'carries' | 'cuts' | 'hangs';

/** A TCP proxy before a server, for what networks do to requests. */
export interface Proxy {
  readonly port: number;
  /** Creations that were asked for so far. */
  readonly posts: () => number;
  /** Requests of any kind that came in so far. */
  readonly requests: () => number;
  readonly set: (mode: ProxyMode) => void;
  readonly close: () => void;
}

/**
 * @param target address of the server, `http://HOST:PORT`
 * @param cutAfter requests after which it cuts by itself
 */
export async function startProxy(target: string, { cutAfter = Infinity }: { readonly cutAfter?: number } = {}): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<net.Socket>();
  let mode: ProxyMode = 'carries';
  let posts = 0;
  let requests = 0;
  const server = net.createServer((client) => {
    if (mode === 'cuts') {
      client.resetAndDestroy();
      return;
    }
    const upstream = net.connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        open.delete(socket);
        // A server that went away behind a silent network is not heard of either.
        if (mode === 'hangs') return;
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      const method = /^(?:GET|POST|PUT|DELETE|PATCH|HEAD) /u.exec(data.subarray(0, 8).toString('latin1'))?.[0];
      if (method === 'POST ') posts++;
      if (method !== undefined && ++requests === cutAfter + 1) {
        mode = 'cuts';
        for (const socket of open) socket.destroy();
      }
      if (mode === 'carries') upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (mode === 'carries') client.write(data);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address() as net.AddressInfo;
  return {
    port: address.port,
    posts: () => posts,
    requests: () => requests,
    set: (wanted) => {
      mode = wanted;
      if (mode === 'cuts') for (const socket of open) socket.destroy();
    },
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
