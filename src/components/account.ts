// On every page: who one is here, where people have to say so.

type Me = {name: string; role: string; isGuarded: boolean};

/** Puts a link to one's account below the pages of the sidebar. */
async function offerAccount(): Promise<void> {
  const response = await fetch("/api/me").catch(() => null);
  if (!response?.ok) return;
  const {name, role, isGuarded} = (await response.json()) as Me;
  if (!isGuarded) return;
  const link = document.createElement("a");
  link.href = "/account";
  link.textContent = `${name}, ${role}`;
  const line = document.createElement("p");
  line.className = "account";
  line.append(link);
  document.querySelector("#observablehq-sidebar")?.append(line);
}

void offerAccount();
