import type {Locator, Page} from "playwright-core";

/** Fills the table of variants with names, the first of them the control. */
export async function fillVariants(form: Locator | Page, names: string[]) {
  for (const [i, name] of names.entries()) {
    const input = form.getByLabel(`Variant ${i + 1}`, {exact: true});
    if (!(await input.count())) await form.getByRole("button", {name: "Add a variant"}).click();
    await input.fill(name);
  }
}

/** Returns what the table of variants holds: a line each of name, share where it is said, and which is the control. */
export async function variantsShown(form: Locator | Page): Promise<string[]> {
  return await form.locator("fieldset.variants tbody tr").evaluateAll((rows) =>
    rows.map((row) => {
      const [name, share, control] = [...row.querySelectorAll("input")];
      return [name.value, share.value, control.checked ? "control" : ""].filter(Boolean).join(" ");
    })
  );
}
