import {count} from "../stats/format.js";
import {html} from "./notebook.js";

/** Returns a place that takes a file, dropped or chosen; its value is the file. */
export function fileDrop() {
  let value: File | null = null;
  const input = html`<input
    type="file"
    accept=".csv,.tsv,.txt,.parquet"
    class="hidden"
    id="file"
  />` as HTMLInputElement;
  const said = html`<span role="status">Drop a CSV or Parquet file here, or</span>`;
  const place = html`<div class="file-drop">
    <p>${said} <label for="file" class="action">choose one</label>${input}</p>
  </div>`;
  const take = (file: File | undefined) => {
    if (!file) return;
    value = file;
    said.replaceChildren(
      html`<b>${file.name}</b>, ${count(Math.ceil(file.size / 1024))} kB. Another file, or`
    );
    place.dispatchEvent(new Event("input", {bubbles: true}));
  };
  input.addEventListener("input", (event) => event.stopPropagation());
  input.onchange = () => take(input.files?.[0]);
  const over = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    place.classList.toggle("over", isOver);
  };
  place.addEventListener("dragover", over(true));
  place.addEventListener("dragleave", over(false));
  place.addEventListener("drop", (event: DragEvent) => {
    over(false)(event);
    take(event.dataTransfer?.files[0]);
  });
  return Object.defineProperty(place, "value", {get: () => value});
}
