// On every page: the button that opens the chat. The chat itself is loaded when it is first opened.

const openKey = "expanto-chat-open";

/** Puts the button on the page, and the chat where it was open on the page before. */
function offerChat(): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ask-button";
  button.textContent = "Ask";
  button.setAttribute("aria-expanded", "false");
  let close: (() => void) | null = null;
  const toggle = async (isOpen: boolean, hasFocus = true) => {
    sessionStorage.setItem(openKey, String(isOpen));
    button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) {
      close?.();
      close = null;
      if (hasFocus) button.focus();
      return;
    }
    const {openChat} = await import("./chat.js");
    close ??= openChat({onClose: () => void toggle(false), hasFocus});
  };
  button.onclick = () => void toggle(close === null);
  document.body.append(button);
  if (sessionStorage.getItem(openKey) === "true") void toggle(true, false);
}

offerChat();
