import net from 'node:net';

/** The connection of one instance to Postgres, through a TCP proxy that can disturb it. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /**
   * Holds back all data in both directions; nothing is lost.
   * @returns a function that lets it go on
   */
  stall(): () => void;
  /**
   * Delays all data.
   * @returns a function that ends it
   */
  slowDown(delayMs: number): () => void;
  /** Breaks all connections with a reset. @returns how many */
  reset(): number;
  /**
   * New connections are reset.
   * @returns a function that ends it
   */
  refuse(): () => void;
  /**
   * Silences connections: neither end hears anything more, not even that the other has gone, as when a firewall drops
   * them or a cable is pulled. New connections work.
   * @param of - application_name; null: all
   * @returns how many
   */
  silence(of: string | null): number;
}

interface Link {
  readonly near: net.Socket;
  readonly far: net.Socket;
  /** As in the client's first message. */
  application: string | null;
  isSilent: boolean;
}

export async function startTcpProxy(targetPort: () => number): Promise<TcpProxy> {
  const links = new Set<Link>();
  let stalls = 0;
  let refusals = 0;
  let delayMs = 0;

  const forward = (link: Link, from: net.Socket, to: net.Socket) => {
    from.on('data', (chunk: Buffer) => {
      if (link.isSilent) return;
      if (from === link.near) link.application ??= readApplication(chunk);
      if (delayMs === 0) {
        if (!to.write(chunk)) from.pause();
        return;
      }
      from.pause();
      setTimeout(() => {
        if (link.isSilent) return;
        to.write(chunk);
        if (stalls === 0) from.resume();
      }, delayMs);
    });
    to.on('drain', () => {
      if (stalls === 0) from.resume();
    });
    from.on('error', () => undefined);
    from.on('end', () => {
      if (!link.isSilent) to.end();
    });
    from.on('close', () => {
      // The other end of a silent connection is never told, and goes on waiting.
      if (!link.isSilent) to.destroy();
      if (link.near.destroyed && link.far.destroyed) links.delete(link);
    });
  };

  const server = net.createServer({ noDelay: true }, (near) => {
    if (refusals > 0) {
      near.on('error', () => undefined);
      near.resetAndDestroy();
      return;
    }
    const far = net.connect({ port: targetPort(), host: '127.0.0.1', noDelay: true });
    const link: Link = { near, far, application: null, isSilent: false };
    links.add(link);
    forward(link, near, far);
    forward(link, far, near);
    if (stalls > 0) pause(link);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as net.AddressInfo).port,
    stall: () => {
      stalls += 1;
      for (const link of links) pause(link);
      return () => {
        stalls -= 1;
        if (stalls === 0) for (const link of links) resume(link);
      };
    },
    slowDown: (addedMs) => {
      delayMs += addedMs;
      return () => {
        delayMs -= addedMs;
      };
    },
    reset: () => {
      const talking = [...links].filter(({ isSilent }) => !isSilent);
      for (const { near, far } of talking) {
        near.resetAndDestroy();
        far.destroy();
      }
      return talking.length;
    },
    refuse: () => {
      refusals += 1;
      return () => {
        refusals -= 1;
      };
    },
    silence: (of) => {
      const chosen = [...links].filter((link) => !link.isSilent && (of === null || link.application === of));
      for (const link of chosen) link.isSilent = true;
      return chosen.length;
    },
    [Symbol.asyncDispose]: async () => {
      for (const { near, far } of links) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pause({ near, far }: Link): void {
  near.pause();
  far.pause();
}

function resume({ near, far }: Link): void {
  near.resume();
  far.resume();
}

/** Reads Postgres's start-up message: names and values, each followed by a zero byte. */
function readApplication(message: Buffer): string | null {
  const parts = message.toString('latin1').split('\0');
  const at = parts.indexOf('application_name');
  return at < 0 ? '' : (parts[at + 1] ?? '');
}
