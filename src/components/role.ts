// What a reader may not do is said before they fill anything in; that it is not done is the server's affair.

export type Me = {name: string; role: string; isGuarded: boolean};

const roles = ["viewer", "analyst", "admin"];
let asked: Promise<Me | null> | undefined;

/** Returns who reads this page, asked for once; null where no server says so. */
export function me(): Promise<Me | null> {
  asked ??= fetch("/api/me").then(
    async (answer) => (answer.ok ? ((await answer.json()) as Me) : null),
    () => null
  );
  return asked;
}

/** Returns whether who reads this page may do what takes a role. */
export async function may(role: "analyst" | "admin"): Promise<boolean> {
  const own = (await me())?.role ?? "admin";
  return roles.indexOf(own) >= roles.indexOf(role);
}

/** Returns what changes something as one group, which whoever lacks the role reads and cannot use: it says why, a form at its top, buttons beside them. */
export function changing(
  role: "analyst" | "admin",
  parts: (Node | string)[],
  {isForm = false} = {}
): HTMLFieldSetElement {
  const group = document.createElement("fieldset");
  group.className = "changing";
  group.append(...parts);
  void may(role).then((isAllowed) => {
    if (isAllowed) return;
    group.disabled = true;
    if (isForm) group.prepend(said("p", `You may read; an ${role} may change this.`));
    else group.append(said("small", `An ${role} may do this.`));
  });
  return group;
}

function said(tag: "p" | "small", words: string): HTMLElement {
  const line = document.createElement(tag);
  line.className = "quiet";
  line.textContent = words;
  return line;
}
