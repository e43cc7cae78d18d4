import {html} from "./notebook.js";

export type WrittenVariant = {name: string; allocation?: number | string; control?: boolean};
export type VariantsField = HTMLFieldSetElement & {value: WrittenVariant[] | null};

/**
 * Returns a table of variants to fill: name, share and which is the control; its value leaves out rows without a name,
 * and is null without any. What is no number stays as it was typed, for the check of the file to name it.
 */
export function variantsField(label: string, variants: WrittenVariant[]): VariantsField {
  const isEqual = variants.every(({allocation}) => allocation === variants[0].allocation);
  const shareOf = ({allocation}: WrittenVariant) =>
    isEqual || allocation === undefined ? "" : String(Number(Number(allocation).toPrecision(8)));
  const body = html`<tbody></tbody>`;
  const add = (variant: WrittenVariant, isControl: boolean) => {
    const made = row(body.childElementCount + 1, {name: variant.name, share: shareOf(variant), isControl});
    body.append(made);
    return made;
  };
  const shown = variants.length ? variants : [{name: "", control: true}, {name: ""}];
  for (const variant of shown) add(variant, variant.control ?? false);
  const another = html`<button type="button" class="link">Add a variant</button>`;
  another.onclick = () => add({name: ""}, false).querySelector("input")!.focus();
  const field = html`<fieldset class="variants">
    <legend>${label}</legend>
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Share</th>
          <th scope="col">Control</th>
        </tr>
      </thead>
      ${body}
    </table>
    <small
      >A row without a name does not count. Shares empty: equal; else a number each, such as 90 and 10.</small
    >
    ${another}
  </fieldset>`;
  return Object.defineProperty(field, "value", {get: () => written([...body.children])}) as VariantsField;
}

type Row = {name: string; share: string; isControl: boolean};

function row(number: number, {name, share, isControl}: Row): HTMLElement {
  return html`<tr>
    <td><input type="text" aria-label=${`Variant ${number}`} autocomplete="off" value=${name} /></td>
    <td>
      <input
        type="text"
        inputmode="decimal"
        aria-label=${`Share of variant ${number}`}
        autocomplete="off"
        value=${share}
      />
    </td>
    <td>
      <input
        type="radio"
        name="control"
        aria-label=${`Variant ${number} is the control`}
        checked=${isControl || null}
      />
    </td>
  </tr>`;
}

function written(rows: Element[]): WrittenVariant[] | null {
  const named = rows
    .map((each) => [...each.querySelectorAll("input")])
    .map(([name, share, control]) => ({
      name: name.value.trim(),
      ...(share.value.trim() ? {allocation: shareIn(share.value)} : {}),
      ...(control.checked ? {control: true} : {})
    }))
    .filter(({name}) => name);
  return named.length ? named : null;
}

function shareIn(text: string): number | string {
  const share = Number(text.trim().replace(/%$/, ""));
  return Number.isFinite(share) ? share : text.trim();
}
