// On every page: who one is here, where people have to say so.

import {me} from "./role.js";

/** Puts a link to one's account below the pages of the sidebar. */
async function offerAccount(): Promise<void> {
  const reader = await me();
  if (!reader?.isGuarded) return;
  const {name, role} = reader;
  const link = document.createElement("a");
  link.href = "/account";
  link.textContent = `${name}, ${role}`;
  const line = document.createElement("p");
  line.className = "account";
  line.append(link);
  document.querySelector("#observablehq-sidebar")?.append(line);
}

void offerAccount();
