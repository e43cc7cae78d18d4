import {request, type IncomingHttpHeaders} from "node:http";
import {text} from "node:stream/consumers";

export type Knock = {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string;
  /** The address it comes from: a socket of this machine may have any of 127.0.0.0/8. */
  from?: string;
};
export type Answer = {status: number; headers: IncomingHttpHeaders; body: string};

/** Returns what a server answers to a request as it is written: any Host, any Origin, no redirect followed. */
export function knock(url: string, {method = "GET", headers = {}, body, from}: Knock = {}): Promise<Answer> {
  // Node sends the length of a body with some methods only.
  const length = body ? {"Content-Length": String(Buffer.byteLength(body))} : {};
  return new Promise((done, fail) => {
    const sent = request(
      url,
      {method, headers: {...length, ...headers}, localAddress: from, agent: false},
      (answer) => {
        text(answer).then(
          (read) => done({status: answer.statusCode!, headers: answer.headers, body: read}),
          fail
        );
      }
    );
    sent.on("error", fail);
    sent.end(body);
  });
}
