import {userInfo} from "node:os";

/** Returns the name of who runs this program, as the machine knows it. */
export function machineUser(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the machine's list, as in a container.
    return "local";
  }
}
