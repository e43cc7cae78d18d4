// Loaded into every process before anything else: keeps who was asked for, by connection or by name, that is not this machine.
import dns from "node:dns";
import {appendFileSync} from "node:fs";
import net from "node:net";

const keep = (what) => appendFileSync(process.env.RECORD, `${what}\n`);
const isHere = (host) => !host || /^(127\.|::1$|localhost$)/.test(host);

const {connect} = net.Socket.prototype;
net.Socket.prototype.connect = function (...given) {
  const [options] = Array.isArray(given[0]) ? given[0] : given;
  const host = typeof options === "object" ? options.host : typeof given[1] === "string" ? given[1] : null;
  if (!isHere(host)) keep(`connects to ${host}`);
  return connect.apply(this, given);
};
const {lookup} = dns;
dns.lookup = (host, ...rest) => {
  if (!isHere(host)) keep(`asks for the address of ${host}`);
  return lookup(host, ...rest);
};
