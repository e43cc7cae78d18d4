import {publish} from "./api.js";
import {problem} from "./failure.js";
import {html} from "./notebook.js";
import {changing} from "./role.js";

/** Returns the button that publishes an observation's report, and where it stands then. */
export function publication(observation: number) {
  const line = html`<span class="quiet" role="status"
    >It opens with the configured reading of all units, whatever is chosen here.</span
  >`;
  const button = html`<button type="button" class="action">Publish report</button>` as HTMLButtonElement;
  button.onclick = async () => {
    button.disabled = true;
    line.replaceChildren("Publishing …");
    await publish(observation).then(
      ({address}) => line.replaceChildren(html`Published: <a href=${address}>the report</a>, in <a href="/reports/">all reports</a>`), // prettier-ignore
      (error) => line.replaceChildren(problem(error))
    );
    button.disabled = false;
  };
  return html`<p class="publication">${changing("analyst", [button])} ${line}</p>`;
}
