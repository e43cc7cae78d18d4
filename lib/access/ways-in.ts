import {command} from "../command.js";
import {UserError} from "../errors.js";
import {counted} from "../stats/words.js";
import type {AuthConfig, Config} from "../config/types.js";

/** Returns whether people must say who they are. */
export const isGuarded = ({login, proxy}: Pick<AuthConfig, "login" | "proxy">): boolean =>
  login || proxy !== null;

/** Throws a UserError for an address that others can reach, by itself or through a proxy, where nobody has to say who they are. */
export function refuseOpenDoor(
  {host, url = null}: {host: string; url?: string | null},
  isGuarded: boolean
): void {
  const reached = [host, ...(url === null ? [] : [new URL(url).hostname])].find(
    (name) => !isThisMachine(name)
  );
  if (isGuarded || reached === undefined) return;
  throw new UserError(
    `whoever reaches ${reached} could change everything: nobody has to sign in`,
    `set auth.login: true and add a user (${command} user add NAME --role admin), name a proxy in auth.proxy, or leave server.host at 127.0.0.1 and server.url at null`
  );
}

const isThisMachine = (host: string) => ["127.0.0.1", "localhost", "::1", "[::1]"].includes(host);

/** Returns how people come in, in words; throws a UserError where everybody could, or nobody can. */
export function waysIn({server, auth}: Pick<Config, "server" | "auth">, users: number): string {
  const {login, proxy} = auth;
  refuseOpenDoor(server, isGuarded(auth));
  if (!isGuarded(auth)) return "nobody signs in: only this machine reaches it";
  if (!proxy && !users)
    throw new UserError(
      "people must sign in, and there is no user yet",
      `${command} user add NAME --role admin`
    );
  const ways = [
    ...(login ? [`${counted(users, "user has", "users have")} a password`] : []),
    ...(proxy ? [`who comes by ${proxy.trusted.join(" or ")} is who ${proxy.header} says`] : [])
  ];
  if (login && server.url !== null && !server.proxies.length)
    ways.push(
      "who fails to sign in through a proxy closes the door to all who come through it: name its address in server.proxies"
    );
  const isPlain = !isThisMachine(server.host) && !server.url?.startsWith("https:");
  if (isPlain)
    ways.push(
      "nothing on the way is encrypted: put a proxy before it that speaks https, and name its address in server.url"
    );
  return ways.join("; ");
}
